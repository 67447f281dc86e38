import type { SearchStrategy } from '../ports/search-strategy.js';
import { createRandomSource, deriveSeed } from '../random.js';
import type { PreparedSearch } from './prepare-search.js';
import type { SearchPorts } from './search-ports.js';

/** The strategy that the spec names, for this problem. Throws `invalid_argument` for options it does not know. */
export function createStrategy(
  { layers, space, cost, constraints, spec }: PreparedSearch,
  find: SearchPorts['strategy'],
  floatAccuracy: number,
): SearchStrategy {
  const problem = { layers, space, cost, constraints, floatAccuracy, maxTrials: spec.maxTrials };
  const random = createRandomSource(deriveSeed(spec.seed, 'strategy'));
  return find(spec.strategy.name).create({ problem, random, options: spec.strategy.options });
}
