import type { BitwrightError } from '@bitwright/core';

/** How often and how long apart a call is tried again. */
export type RetryPolicy = {
  /** Tries in all, the first included. @default 4 */
  readonly attempts: number;
  /** Longest pause before the second try, ms. @default 100 */
  readonly initialMs: number;
  /** Each later pause may be this many times as long. @default 2 */
  readonly factor: number;
  /** Longest pause of all, ms. @default 2000 */
  readonly longestMs: number;
};

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, initialMs: 100, factor: 2, longestMs: 2_000 };

/** A call that failed: its error, whether the proto marks its rpc idempotent, and how often it was tried (from 1). */
export type FailedAttempt = { readonly error: BitwrightError; readonly idempotent: boolean; readonly attempt: number };

/** May I try again? Only an idempotent call, only when the peer could not be reached, only so often. */
export function mayRetry({ error, idempotent, attempt }: FailedAttempt, policy: RetryPolicy = DEFAULT_RETRY): boolean {
  return idempotent && error.kind === 'unavailable' && attempt < policy.attempts;
}

/** How long to wait first, ms: anything up to the growing bound (`random` in [0, 1)), so that clients spread out. */
export function retryDelayMs(attempt: number, random: number, policy: RetryPolicy = DEFAULT_RETRY): number {
  const bound = Math.min(policy.longestMs, policy.initialMs * policy.factor ** (attempt - 1));
  return bound * random;
}
