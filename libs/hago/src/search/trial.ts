import type { EdgeBits } from '../graph/search-space.js';

/** What an assignment came to on the calibration samples: top-1 accuracy, 0..1, and mean KL divergence from the float outputs. */
export type BitMeasure = { readonly accuracy: number; readonly divergence: number };

/** An assignment and its score, the higher the better. */
export type ScoredBits = { readonly bits: EdgeBits; readonly score: number };

/** Whether one trial is better: a higher score, or an equal one with fewer bits in all. */
export function isBetter(trial: ScoredBits, than: ScoredBits | undefined): boolean {
  if (than === undefined || trial.score > than.score) return true;
  return trial.score === than.score && totalBits(trial.bits) < totalBits(than.bits);
}

export const totalBits = (bits: EdgeBits) => bits.reduce((sum, one) => sum + one, 0);

/**
 * A search over bits: yields what to try next, one assignment or several at once, gets their scores in the same order, and
 * ends when it has no more. Deterministic given its random source.
 */
export type BitSearch = Generator<readonly EdgeBits[], void, readonly number[]>;
