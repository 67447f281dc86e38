import { type BitVariable, type EdgeBits, highestBits } from '../graph/search-space.js';
import { type BitSearch, isBetter, type ScoredBits } from './trial.js';

/**
 * HAGO's greedy search: variable by variable, fewer bits as long as the score is not below the best one so far; the first
 * drop, or the end of the choices, fixes the variable at the best that was found.
 */
export function* greedySearch(space: readonly BitVariable[]): BitSearch {
  let decided: EdgeBits = highestBits(space);
  let best: ScoredBits | undefined;
  for (const [index, { choices }] of space.entries()) {
    for (const choice of choices) {
      const bits = decided.with(index, choice);
      const [score = Number.NEGATIVE_INFINITY] = yield [bits];
      if (isBetter({ bits, score }, best)) best = { bits, score };
      if (score < (best?.score ?? score)) break;
    }
    decided = decided.with(index, best?.bits[index] ?? (choices[0] as number));
  }
}

/** HAGO's batched greedy search: variable by variable, all choices at once, the best of them is kept. */
export function* batchedGreedySearch(space: readonly BitVariable[]): BitSearch {
  let decided: EdgeBits = highestBits(space);
  let best: ScoredBits | undefined;
  for (const [index, { choices }] of space.entries()) {
    const trials = choices.map((choice) => decided.with(index, choice));
    const scores = yield trials;
    for (const [at, bits] of trials.entries()) {
      const trial = { bits, score: scores[at] ?? Number.NEGATIVE_INFINITY };
      if (isBetter(trial, best)) best = trial;
    }
    decided = decided.with(index, best?.bits[index] ?? (choices[0] as number));
  }
}
