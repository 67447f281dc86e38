import { BitwrightError } from '@bitwright/core';

/**
 * Converts what a peer answered. A bad answer is the peer's fault, not the caller's: its `invalid_argument` becomes
 * `internal` `BAD_ANSWER`.
 */
export function readAnswer<T>(convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (!(error instanceof BitwrightError) || error.kind !== 'invalid_argument') throw error;
    throw new BitwrightError('internal', 'BAD_ANSWER', `the service gave a bad answer: ${error.message}`, {
      cause: error,
    });
  }
}
