import { BitwrightError, type FieldViolation } from '../errors.js';
import { type Constraint, formatConstraint, isHardwareMetric, type Metric, UNIT_OF } from './constraint.js';
import type { PolicyCost } from './policy-cost.js';

/** A metric of one target; `target` is undefined where there is one alone, and for what no hardware decides. */
export type TargetMetric = { readonly metric: Metric; readonly target: string | undefined };

/** A constraint whose limit is a number in the metric's unit. */
export type ResolvedConstraint = TargetMetric & {
  readonly limit: number;
  /** What 8 bits everywhere cost. */
  readonly reference: number;
  /** The least that any policy of the space can reach. */
  readonly smallest: number;
  /** What it came from: a limit without a target is one constraint for each. */
  readonly asked: Constraint;
};

/** What limits are measured by. */
export type BudgetCosts = {
  /** Of 8 bits everywhere. */
  readonly reference: PolicyCost;
  /** Of the policy with the least of a metric. */
  readonly smallest: (what: TargetMetric) => PolicyCost;
};

/** A metric's value in a cost; undefined where the hardware does not know it, or the cost has no such target. */
export function metricOf(cost: PolicyCost, metric: Metric, target?: string): number | undefined {
  const priced = target === undefined ? cost : cost.targets?.find(({ hardware }) => hardware === target);
  switch (metric) {
    case 'latency':
      return priced?.latencyMs;
    case 'energy':
      return priced?.energyMj;
    case 'size':
      return cost.sizeBytes;
    case 'bops':
      return cost.bops;
    case 'effective-bits':
      return cost.effectiveBits;
  }
}

/** What a constraint limits: with several targets each of them, unless it names one. */
export function limitedBy(
  { metric, target }: Pick<Constraint, 'metric' | 'target'>,
  hardware: readonly string[],
): readonly TargetMetric[] {
  if (!isHardwareMetric(metric) || hardware.length < 2) return [{ metric, target: undefined }];
  return (target === undefined ? hardware : [target]).map((name) => ({ metric, target: name }));
}

/**
 * Turns a budget into limits, relative ones of what each target needs for 8 bits. Throws `failed_precondition`
 * `BUDGET_INFEASIBLE`, naming each limit that the cheapest policy of the space does not meet and the smallest reachable
 * value, and `unsupported` when the hardware lacks the metric.
 */
export function resolveBudget(
  constraints: readonly Constraint[],
  costs: BudgetCosts,
  hardware: readonly string[] = [],
): readonly ResolvedConstraint[] {
  const violations: FieldViolation[] = [];
  const resolved = constraints.flatMap((asked, index) =>
    limitedBy(asked, hardware).map((what): ResolvedConstraint => {
      const reference = requireMetric(costs.reference, what);
      const smallest = requireMetric(costs.smallest(what), what);
      const limit = asked.limit.kind === 'absolute' ? asked.limit.value : asked.limit.ratio * reference;
      const constraint = { ...what, limit, reference, smallest, asked };
      if (limit < smallest)
        violations.push({ field: `spec.budget[${index}]`, description: unreachableText(constraint) });
      return constraint;
    }),
  );
  if (violations.length > 0) throw budgetInfeasible(violations);
  return resolved;
}

/** Whether a cost meets every limit. */
export function fitsBudget(cost: PolicyCost, constraints: readonly ResolvedConstraint[]): boolean {
  return constraints.every(
    ({ metric, target, limit }) => (metricOf(cost, metric, target) ?? Number.POSITIVE_INFINITY) <= limit,
  );
}

/** How much of its limit a cost takes: above 1 it does not fit; infinite where the cost lacks the metric. */
export function shareOf(cost: PolicyCost, { metric, target, limit }: ResolvedConstraint): number {
  return (metricOf(cost, metric, target) ?? Number.POSITIVE_INFINITY) / limit;
}

/** `failed_precondition` `BUDGET_INFEASIBLE`. */
export function budgetInfeasible(violations: readonly FieldViolation[]): BitwrightError {
  const message = violations.map(({ description }) => description).join('; ');
  return new BitwrightError('failed_precondition', 'BUDGET_INFEASIBLE', message, { violations });
}

function requireMetric(cost: PolicyCost, { metric, target }: TargetMetric): number {
  const value = metricOf(cost, metric, target);
  if (value !== undefined) return value;
  const others = target === undefined ? '' : `limit ${metric}@… of a target that does, `;
  const message = `${target ?? 'this hardware'} does not report ${metric}; ${others}use another metric or other hardware`;
  throw new BitwrightError('unsupported', 'METRIC_UNSUPPORTED', message);
}

/** Why a limit cannot be met: what was asked, and the smallest value that can be reached. */
export function unreachableText(constraint: ResolvedConstraint): string {
  const { asked, metric, target, limit, smallest, reference } = constraint;
  const asRatio = `${(Math.ceil((smallest / reference) * 1e4) / 1e4).toString()}x`;
  const what = target === undefined ? metric : `${metric} on ${target}`;
  const amount = (value: number) => `${value.toPrecision(6)} ${UNIT_OF[metric]}`;
  return `${formatConstraint(asked)} (${amount(limit)}) cannot be reached: the smallest reachable ${what} is ${amount(smallest)} (${asRatio} of 8 bit)`;
}
