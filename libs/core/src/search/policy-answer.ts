import { metricOf } from '../cost/budget.js';
import { formatConstraint, type Metric } from '../cost/constraint.js';
import type { PolicyCost } from '../cost/policy-cost.js';
import type { Layer } from '../network/layers.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { SolvedPolicy } from '../ports/search-strategy.js';
import type { ResolvedPolicy } from './resolve-policy.js';

/** One limit of the budget that a policy was computed for, in the metric's unit. */
export type AnswerLimit = {
  readonly metric: Metric;
  /** The target that it limits; undefined where there is one alone, and for what no hardware decides. */
  readonly hardware: string | undefined;
  /** As it was asked, for example `latency<=0.6x`. */
  readonly budget: string;
  readonly limit: number;
  readonly reached: number | undefined;
  /** What one per cent more would gain, in the objective's unit. */
  readonly shadowPrice: number;
};

/** A policy computed for another budget, for whoever asked. */
export type PolicyAnswer = {
  readonly policy: PrecisionPolicy;
  readonly layers: readonly Layer[];
  readonly cost: PolicyCost;
  readonly objective: SolvedPolicy['objective'];
  /** Nats; undefined where what was measured does not tell. */
  readonly predictedLossIncrease: number | undefined;
  readonly limits: readonly AnswerLimit[];
};

/** What is told of a computed policy. */
export function toPolicyAnswer(resolved: ResolvedPolicy): PolicyAnswer {
  const { policy, layers, cost, objective, predictedLossIncrease, constraints, shadowPrices } = resolved;
  const limits = constraints.map(({ metric, target, limit, asked }, index) => ({
    ...{ metric, hardware: target, budget: formatConstraint(asked), limit },
    ...{ reached: metricOf(cost, metric, target), shadowPrice: shadowPrices[index] ?? 0 },
  }));
  return { policy, layers, cost, objective, predictedLossIncrease, limits };
}
