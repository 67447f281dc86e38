import { BitwrightError } from '../errors.js';

/** The strategy of that name; throws `not_found` and names those there are. */
export function strategyNamed<T extends { readonly name: string }>(strategies: readonly T[], name: string): T {
  const found = strategies.find((strategy) => strategy.name === name);
  if (found !== undefined) return found;
  const known = strategies.map((strategy) => strategy.name).join(', ');
  throw new BitwrightError('not_found', 'STRATEGY_UNKNOWN', `there is no strategy "${name}"; there are ${known}`);
}
