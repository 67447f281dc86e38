import type { PolicyPricer } from '../cost/policy-cost.js';
import { policyHash } from '../policy/policy.js';
import { pricesOf, toldEvidence } from './learned-prices.js';
import type { PolicyBasis } from './policy-basis.js';
import { referencePolicy } from './resolve-limits.js';
import type { SearchSpec, Trial } from './search.js';

export type StoredPricerParts = {
  readonly spec: SearchSpec;
  readonly basis: PolicyBasis;
  /** By the targets' tables. */
  readonly prior: PolicyPricer;
  readonly trials: readonly Trial[];
};

/**
 * What policies cost by what a search has stored, without the hardware: as the hardware evaluated them, else by the
 * tables, corrected by what evaluations found. Of additive hardware both are what the tables say.
 */
export function createStoredPricer({ spec, basis, prior, trials }: StoredPricerParts): PolicyPricer {
  const { layers, targets, reference } = basis;
  const eight = referencePolicy(spec, layers);
  // No limits that a correction is to keep in reach: these are what is asked for.
  const corrected = pricesOf({ prior, targets, fitting: eight, constraints: [] });
  corrected.learn(toldEvidence(trials, trials.length));
  const evaluated = new Map(
    trials.flatMap(({ policy, cost, error }) =>
      policy === undefined || error !== undefined ? [] : [[policyHash(policy), cost] as const],
    ),
  );
  if (reference !== undefined) evaluated.set(policyHash(eight), reference);
  return (policy) => evaluated.get(policyHash(policy)) ?? corrected.cost(policy);
}
