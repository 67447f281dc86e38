import {
  BitwrightError,
  fitsBudget,
  formatConstraint,
  type LayerPrecision,
  metricOf,
  type PrecisionPolicy,
  pairsOf,
  type ResolvedConstraint,
  type SearchProblem,
  schemeOf,
  unreachableText,
} from '@bitwright/core';
import { OPTIONS_FIELD } from '../options.js';
import { atWidth } from './activation-widths.js';

/**
 * Throws `failed_precondition` `BUDGET_INFEASIBLE`, naming the option and the smallest reachable values, where activations of
 * `width` bits alone exceed a limit, whatever bits the weights have. Without a width nothing is asked of the budget.
 */
export function requireReachable(problem: SearchProblem, width: number | undefined): void {
  if (width === undefined) return;
  const pairs = pairsAt(problem, width);
  const narrowest = pairs.map((ofLayer) => ofLayer[0] as LayerPrecision);
  if (fitsBudget(problem.cost(policyOf(problem, narrowest)), problem.constraints)) return;
  const reached = problem.constraints.map((limit) => ({ limit, least: leastOf(problem, limit, pairs, narrowest) }));
  const missed = reached.filter(({ limit, least }) => least > limit.limit);
  if (missed.length > 0)
    throw widthInfeasible(
      width,
      missed.map(({ limit, least }) => unreachableText({ ...limit, smallest: least })).join('; '),
    );
}

/** For limits that are met one by one and not together, by what is proposed. */
export function widthInfeasible(width: number, description: string): BitwrightError {
  const fix = 'name fewer bits, leave the option out, or raise the limit';
  const message = `activationBits is ${width}, with which ${description}; ${fix}`;
  const violations = [{ field: `${OPTIONS_FIELD}.activationBits`, description: message }];
  return new BitwrightError('failed_precondition', 'BUDGET_INFEASIBLE', message, { violations });
}

/** The limits, as they were asked for. */
export function limitsText({ constraints }: SearchProblem): string {
  return [...new Set(constraints.map(({ asked }) => formatConstraint(asked)))].join(' and ');
}

/** What each layer may run at, from the narrowest weights up. */
function pairsAt({ space }: SearchProblem, width: number): readonly (readonly LayerPrecision[])[] {
  const allows = atWidth(space, width);
  return space.layers.map((choices, layer) =>
    pairsOf(choices)
      .filter((pair) => allows(layer, pair))
      .sort((a, b) => a.weightBits - b.weightBits),
  );
}

/** Layer by layer, since fewer bits need not cost less on hardware that was measured. */
function leastOf(
  problem: SearchProblem,
  { metric, target }: ResolvedConstraint,
  pairs: readonly (readonly LayerPrecision[])[],
  narrowest: readonly LayerPrecision[],
): number {
  const costAt = (layers: readonly LayerPrecision[]) =>
    metricOf(problem.cost(policyOf(problem, layers)), metric, target) ?? Number.POSITIVE_INFINITY;
  const least = pairs.map((ofLayer, layer) => {
    const costs = ofLayer.map((pair) => costAt(narrowest.with(layer, pair)));
    return ofLayer[costs.indexOf(Math.min(...costs))] as LayerPrecision;
  });
  return costAt(least);
}

function policyOf({ space }: SearchProblem, layers: readonly LayerPrecision[]): PrecisionPolicy {
  return { ...schemeOf(space), layers };
}
