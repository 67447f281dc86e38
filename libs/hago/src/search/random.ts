import type { RandomSource } from '@bitwright/core';
import type { BitVariable, EdgeBits } from '../graph/search-space.js';
import type { BitSearch } from './trial.js';

/** Assignments drawn uniformly; as many as there are variables unless told otherwise, as HAGO has it. */
export function* randomSearch(space: readonly BitVariable[], random: RandomSource, trials = space.length): BitSearch {
  for (let trial = 0; trial < trials; trial += 1) yield [randomBits(space, random)];
}

export const randomBits = (space: readonly BitVariable[], random: RandomSource): EdgeBits =>
  space.map(({ choices }) => choices[random.integer(choices.length)] as number);
