import type { Logger } from './logger.js';

/** What a process has open, closed in reverse order of opening. */
export type Lifecycle = {
  /** Registers how to close something; the last added is closed first. */
  onClose(name: string, close: () => Promise<void> | void): void;
  /** Fires when closing begins. */
  readonly stopping: AbortSignal;
  /** Closes everything, each part even when another failed; idempotent. Gives the names of the parts that failed. */
  close(): Promise<readonly string[]>;
};

export function createLifecycle(logger: Logger): Lifecycle {
  const parts: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  const stopping = new AbortController();
  let closing: Promise<readonly string[]> | undefined;
  const closeAll = async () => {
    stopping.abort();
    const failed: string[] = [];
    for (const { name, close } of parts.reverse()) {
      try {
        await close();
      } catch (error) {
        logger.error({ err: error, part: name }, 'could not be closed');
        failed.push(name);
      }
    }
    return failed;
  };
  return {
    onClose: (name, close) => parts.push({ name, close }),
    stopping: stopping.signal,
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** The part of `process` that {@link stopOnSignals} needs. */
export type SignalSource = {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
  exit(code: number): void;
};

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * The first SIGTERM or SIGINT closes everything and exits with 0 (1 when a part failed); a second one exits with 1 at
 * once. For `main.ts` alone. Gives a function that takes the handlers off again.
 */
export function stopOnSignals(lifecycle: Lifecycle, logger: Logger, source: SignalSource = process): () => void {
  let stopping = false;
  const onSignal = () => {
    if (stopping) {
      logger.warn('second signal: exiting without waiting');
      return source.exit(1);
    }
    stopping = true;
    logger.info('shutting down');
    void lifecycle.close().then((failed) => source.exit(failed.length === 0 ? 0 : 1));
  };
  for (const signal of SIGNALS) source.on(signal, onSignal);
  return () => {
    for (const signal of SIGNALS) source.off(signal, onSignal);
  };
}
