import { BitwrightError, invalidField } from '../errors.js';
import type { PolicyCost } from './policy-cost.js';

/** What a budget can limit; units: ms, mJ, bytes, bit operations, bits. Latency and energy are of the whole batch. */
export const METRICS = ['latency', 'energy', 'size', 'bops', 'effective-bits'] as const;
export type Metric = (typeof METRICS)[number];

/** `absolute`: a value in the metric's unit; `relative`: a factor of what the 8-bit policy costs. */
export type Limit =
  | { readonly kind: 'absolute'; readonly value: number }
  | { readonly kind: 'relative'; readonly ratio: number };

export type Constraint = { readonly metric: Metric; readonly limit: Limit };

/** A constraint whose limit is a number in the metric's unit. */
export type ResolvedConstraint = {
  readonly metric: Metric;
  readonly limit: number;
  /** What 8 bits everywhere cost. */
  readonly reference: number;
  /** The least that any policy of the space can reach. */
  readonly smallest: number;
};

const UNITS: Record<Metric, Readonly<Record<string, number>>> = {
  latency: { us: 1e-3, ms: 1, s: 1e3 },
  energy: { uj: 1e-3, mj: 1, j: 1e3 },
  size: { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
  bops: { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  'effective-bits': { '': 1, bit: 1, bits: 1 },
};

/** Reads `latency<=0.6x`, `latency<=12ms`, `size<=1.5MB` (10^6 bytes; MiB is 2^20), `bops<=2G`, `effective-bits<=4`. */
export function parseConstraint(text: string, field = 'budget'): Constraint {
  const match = /^\s*([a-z-]+)\s*<=\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*([a-z]*)\s*$/i.exec(text);
  const example = 'write for example "latency<=0.6x", "latency<=12ms", "size<=1.5MB" or "energy<=0.5x"';
  if (match === null) throw invalidField(field, `"${text}" is not a budget; ${example}`, 'BUDGET_SYNTAX');
  const [, name = '', number = '', unit = ''] = match;
  const metric = METRICS.find((candidate) => candidate === name.toLowerCase());
  if (metric === undefined) throw invalidField(field, `"${name}" is none of ${METRICS.join(', ')}`, 'BUDGET_METRIC');
  const value = Number(number);
  if (!(value > 0 && value < Number.MAX_SAFE_INTEGER)) {
    throw invalidField(field, `"${text}": the limit must be above 0 and below 2^53`, 'BUDGET_VALUE');
  }
  if (unit.toLowerCase() === 'x') return { metric, limit: { kind: 'relative', ratio: value } };
  const factor = UNITS[metric][unit.toLowerCase()];
  if (factor !== undefined) return { metric, limit: { kind: 'absolute', value: value * factor } };
  const units = [...Object.keys(UNITS[metric]).filter(Boolean), 'x'].join(', ');
  throw invalidField(field, `"${text}": the unit of ${metric} is one of ${units}`, 'BUDGET_UNIT');
}

/** The constraint as {@link parseConstraint} reads it. */
export function formatConstraint({ metric, limit }: Constraint): string {
  if (limit.kind === 'relative') return `${metric}<=${limit.ratio}x`;
  const unit = { latency: 'ms', energy: 'mJ', size: 'B', bops: '', 'effective-bits': '' }[metric];
  return `${metric}<=${limit.value}${unit}`;
}

/** A metric's value in a cost; undefined where the hardware does not know it. */
export function metricOf(cost: PolicyCost, metric: Metric): number | undefined {
  switch (metric) {
    case 'latency':
      return cost.latencyMs;
    case 'energy':
      return cost.energyMj;
    case 'size':
      return cost.sizeBytes;
    case 'bops':
      return cost.bops;
    case 'effective-bits':
      return cost.effectiveBits;
  }
}

/**
 * Turns a budget into limits. Throws `failed_precondition` `BUDGET_INFEASIBLE`, naming the smallest reachable value,
 * when the cheapest policy of the space does not fit, and `unsupported` when the hardware lacks the metric.
 */
export function resolveBudget(
  constraints: readonly Constraint[],
  costs: { readonly reference: PolicyCost; readonly smallest: PolicyCost },
): readonly ResolvedConstraint[] {
  return constraints.map((constraint, index) => {
    const reference = requireMetric(costs.reference, constraint.metric);
    const smallest = requireMetric(costs.smallest, constraint.metric);
    const { limit } = constraint;
    const value = limit.kind === 'absolute' ? limit.value : limit.ratio * reference;
    if (value < smallest) throw infeasible(constraint, index, value, smallest, reference);
    return { metric: constraint.metric, limit: value, reference, smallest };
  });
}

/** Whether a cost meets every limit. */
export function fitsBudget(cost: PolicyCost, constraints: readonly ResolvedConstraint[]): boolean {
  return constraints.every(({ metric, limit }) => (metricOf(cost, metric) ?? Number.POSITIVE_INFINITY) <= limit);
}

function requireMetric(cost: PolicyCost, metric: Metric): number {
  const value = metricOf(cost, metric);
  if (value !== undefined) return value;
  const message = `this hardware does not report ${metric}; use another metric or other hardware`;
  throw new BitwrightError('unsupported', 'METRIC_UNSUPPORTED', message);
}

function infeasible(constraint: Constraint, index: number, limit: number, smallest: number, reference: number) {
  const asRatio = `${(Math.ceil((smallest / reference) * 1e4) / 1e4).toString()}x`;
  const message = `${formatConstraint(constraint)} (${limit.toPrecision(6)}) cannot be reached: the smallest reachable ${constraint.metric} is ${smallest.toPrecision(6)} (${asRatio} of 8 bit)`;
  const violations = [{ field: `spec.budget[${index}]`, description: message }];
  return new BitwrightError('failed_precondition', 'BUDGET_INFEASIBLE', message, { violations });
}
