import { limitedBy } from '../cost/budget.js';
import { type CorrectedPrices, correctPrices, type EvaluatedPolicy } from '../cost/corrected-prices.js';
import type { PreparedSearch } from './prepare-search.js';
import type { Trial } from './search.js';

type PricedSearch = Pick<PreparedSearch, 'prior' | 'targets' | 'fitting' | 'constraints'>;

/** What strategies propose by: the tables, corrected for those targets whose costs are no sums over layers. */
export function pricesOf({ prior, targets, fitting, constraints }: PricedSearch): CorrectedPrices {
  const names = targets.map(({ asked }) => asked.name);
  const figures = (['latency', 'energy'] as const).flatMap((metric) =>
    limitedBy({ metric }, names).filter((_, index) => targets[index]?.capabilities.additive === false),
  );
  return correctPrices(prior, figures, { fitting, constraints });
}

/**
 * What a strategy's proposals that it was told of turned out to cost: they lie where the next ones will. The controls,
 * as long as it was told of none.
 */
export function toldEvidence(trials: readonly Trial[], told: number): readonly EvaluatedPolicy[] {
  const proposed = trials.filter(({ role }) => role === 'strategy').slice(0, told);
  const known = proposed.length > 0 ? proposed : trials.filter(({ role }) => role === 'baseline');
  return known.flatMap(({ policy, cost }) => (policy === undefined ? [] : [{ policy, cost }]));
}
