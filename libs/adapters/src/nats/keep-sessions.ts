import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;

export type KeepSessionsOptions<Session> = {
  /** Of the servers, without credentials. */
  readonly servers: string;
  readonly open: () => Promise<Session>;
  /** What a new session begins with. */
  readonly onOpen: (session: Session) => void;
  /** Told when a connection is made or lost, and once when there is none. */
  readonly onNotice: (message: string) => void;
  /** What happens while there is no connection, for the notice: `events are kept`. */
  readonly meanwhile: string;
  /** Ends the trying; a session that is there is the caller's to close. */
  readonly signal: AbortSignal;
};

export type KeptSessions = {
  /** Resolves after the first attempt, whether it succeeded or not. */
  readonly attempted: Promise<void>;
  /** Resolves once the signal has fired and the last session has ended. */
  readonly ended: Promise<void>;
};

/**
 * Keeps a connection for ever: one session after the other, with a growing and uneven pause where one did not last.
 * `finished` of a session resolves at its end, with the reason.
 */
export function keepSessions<Session extends { finished(): Promise<string> }>(
  options: KeepSessionsOptions<Session>,
): KeptSessions {
  let markAttempted = () => {};
  const attempted = new Promise<void>((resolve) => {
    markAttempted = resolve;
  });
  return { attempted, ended: run(options, markAttempted) };
}

async function run<Session extends { finished(): Promise<string> }>(
  { servers, open, onOpen, onNotice, meanwhile, signal }: KeepSessionsOptions<Session>,
  markAttempted: () => void,
): Promise<void> {
  let isAbsenceKnown = false;
  let delayMs = FIRST_DELAY_MS;
  const tryOpen = async () => {
    try {
      return await open();
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown reason';
      if (!isAbsenceKnown) onNotice(`no NATS at ${servers} (${reason}); trying again, ${meanwhile}`);
      isAbsenceKnown = true;
      return undefined;
    }
  };
  while (!signal.aborted) {
    const startedAt = Date.now();
    const session = await tryOpen();
    if (session !== undefined) {
      onOpen(session);
      onNotice(`connected to NATS at ${servers}`);
      isAbsenceKnown = false;
    }
    markAttempted();
    const reason = await session?.finished();
    if (reason !== undefined && !signal.aborted) onNotice(`lost NATS at ${servers} (${reason}); ${meanwhile}`);
    const hasLasted = Date.now() - startedAt > LONGEST_DELAY_MS;
    delayMs = hasLasted ? FIRST_DELAY_MS : Math.min(delayMs * 2, LONGEST_DELAY_MS);
    await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
}
