import { BitwrightError } from '../errors.js';
import type { Clock } from '../ports/clock.js';

export type UnavailableRetry = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long a peer may be away before the work fails, ms. */
  readonly patienceMs: number;
};

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Runs idempotent work again while the peer is away or busy (`unavailable`, `resource_exhausted`), with growing
 * pauses; any other error, or the last one after `patienceMs`, goes to the caller.
 */
export async function retryWhileUnavailable<T>(work: () => Promise<T>, retry: UnavailableRetry): Promise<T> {
  const giveUpAt = retry.clock.now() + retry.patienceMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || retry.clock.now() + pauseMs > giveUpAt) throw error;
    }
    await retry.clock.sleep(pauseMs, retry.signal);
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof BitwrightError && (error.kind === 'unavailable' || error.kind === 'resource_exhausted');
}
