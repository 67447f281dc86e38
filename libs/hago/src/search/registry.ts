import { BitwrightError, type RandomSource } from '@bitwright/core';
import type { BitVariable } from '../graph/search-space.js';
import { highestBits } from '../graph/search-space.js';
import { annealingSearch } from './annealing.js';
import { batchedGreedySearch, greedySearch } from './greedy.js';
import { randomSearch } from './random.js';
import type { BitSearch } from './trial.js';

type CreateSearch = (space: readonly BitVariable[], random: RandomSource) => BitSearch;

/** Every search by its name; `default` only tries the most bits. */
const SEARCHES = {
  default: function* (space) {
    yield [highestBits(space)];
  },
  greedy: greedySearch,
  'batched-greedy': batchedGreedySearch,
  random: (space, random) => randomSearch(space, random),
  annealing: (space, random) => annealingSearch(space, random),
} satisfies Record<string, CreateSearch>;

export type BitSearchName = keyof typeof SEARCHES;
export const BIT_SEARCHES = Object.keys(SEARCHES) as readonly BitSearchName[];

/**
 * The search of that name. Where there is nothing to choose each tries the one assignment that there is, once. Throws
 * `not_found` and names those there are.
 */
export function createBitSearch(name: string, space: readonly BitVariable[], random: RandomSource): BitSearch {
  if (Object.hasOwn(SEARCHES, name)) {
    const search = space.length === 0 ? SEARCHES.default : SEARCHES[name as BitSearchName];
    return search(space, random);
  }
  throw new BitwrightError(
    'not_found',
    'SEARCH_UNKNOWN',
    `there is no search "${name}"; there are ${BIT_SEARCHES.join(', ')}`,
  );
}
