import { BitwrightError, isWorkerDeath } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { SearchWait } from './search.js';

export type PatienceOptions = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long a peer may be away before the work fails, ms. */
  readonly limitMs: number;
  /** Told when {@link Patience.waitingFor} has changed. */
  readonly onChange?: (() => void) | undefined;
};

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** What one search has for peers that are away. It knows what it waits for, so that a search can say why it stands still. */
export class Patience {
  readonly #options: PatienceOptions;
  /** In the order in which they began; calls that run at once may wait for the same peer. */
  readonly #waits = new Set<SearchWait>();

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** What has been waited for longest; undefined while everything answers. It stays where the wait ends the search. */
  get waitingFor(): SearchWait | undefined {
    return this.#waits.values().next().value;
  }

  /**
   * Runs idempotent work again while the peer is away or busy (`unavailable`, `resource_exhausted`, hardware that may
   * yet announce itself), with growing pauses. Any other error goes to the caller as it is, work that ended its worker
   * among them; so does the last one after the limit, with the peer's name and how long it was waited for.
   */
  async wait<T>(peer: string, work: () => Promise<T>): Promise<T> {
    const { clock, signal } = this.#options;
    let wait: SearchWait | undefined;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        const answer = await work();
        this.#end(wait);
        return answer;
      } catch (error) {
        if (!isAway(error)) throw error;
        wait ??= this.#begin(peer, error);
        if (clock.now() >= wait.until) throw waitedInVain(wait, clock.now(), error);
      }
      await clock.sleep(Math.min(pauseMs, wait.until - clock.now()), signal);
    }
  }

  #begin(peer: string, { message: reason }: BitwrightError): SearchWait {
    const since = this.#options.clock.now();
    const wait = { peer, since, until: since + this.#options.limitMs, reason };
    this.#waits.add(wait);
    this.#options.onChange?.();
    return wait;
  }

  #end(wait: SearchWait | undefined): void {
    if (wait === undefined) return;
    this.#waits.delete(wait);
    this.#options.onChange?.();
  }
}

function isAway(error: unknown): error is BitwrightError {
  if (!(error instanceof BitwrightError) || isWorkerDeath(error)) return false;
  if (error.kind === 'unavailable' || error.kind === 'resource_exhausted') return true;
  return error.reason === 'HARDWARE_NOT_ANNOUNCED';
}

function waitedInVain({ peer, since }: SearchWait, now: number, cause: BitwrightError): BitwrightError {
  const message = `waited ${Math.round((now - since) / 1000)} s for ${peer} in vain: ${cause.message}`;
  return new BitwrightError(cause.kind, cause.reason, message, { cause });
}
