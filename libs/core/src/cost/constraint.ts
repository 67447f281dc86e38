import { invalidField } from '../errors.js';

/** What a budget can limit; units: ms, mJ, bytes, bit operations, bits. Latency and energy are of the whole batch. */
export const METRICS = ['latency', 'energy', 'size', 'bops', 'effective-bits'] as const;
export type Metric = (typeof METRICS)[number];

/** What hardware decides; the others depend on the policy alone. */
export type HardwareMetric = 'latency' | 'energy';

/** `absolute`: a value in the metric's unit; `relative`: a factor of what the 8-bit policy costs. */
export type Limit =
  | { readonly kind: 'absolute'; readonly value: number }
  | { readonly kind: 'relative'; readonly ratio: number };

export type Constraint = {
  readonly metric: Metric;
  readonly limit: Limit;
  /** The hardware target whose latency or energy is limited; absent: that of every target. */
  readonly target?: string | undefined;
};

const UNITS: Record<Metric, Readonly<Record<string, number>>> = {
  latency: { us: 1e-3, ms: 1, s: 1e3 },
  energy: { uj: 1e-3, mj: 1, j: 1e3 },
  size: { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, kib: 1024, mib: 1024 ** 2, gib: 1024 ** 3 },
  bops: { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 },
  'effective-bits': { '': 1, bit: 1, bits: 1 },
};

/** What a metric's values are in, for sentences. */
export const UNIT_OF: Readonly<Record<Metric, string>> = {
  ...{ latency: 'ms', energy: 'mJ', size: 'bytes', bops: 'bit operations', 'effective-bits': 'bits' },
};

const SYNTAX = /^\s*([a-z-]+)\s*(?:@\s*(\S|\S.*?\S)\s*)?<=\s*([0-9]*\.?[0-9]+(?:e[+-]?[0-9]+)?)\s*([a-z]*)\s*$/is;

export function isHardwareMetric(metric: Metric): metric is HardwareMetric {
  return metric === 'latency' || metric === 'energy';
}

/**
 * Reads `latency<=0.6x`, `latency<=12ms`, `size<=1.5MB` (10^6 bytes; MiB is 2^20), `bops<=2G`, `effective-bits<=4`, and
 * `latency@bismo-edge<=0.6x` for one target of several.
 */
export function parseConstraint(text: string, field = 'budget'): Constraint {
  const match = SYNTAX.exec(text);
  const example = 'write for example "latency<=0.6x", "latency<=12ms", "size<=1.5MB" or "energy<=0.5x"';
  if (match === null) throw invalidField(field, `"${text}" is not a budget; ${example}`, 'BUDGET_SYNTAX');
  const [, name = '', target, number = '', unit = ''] = match;
  const metric = METRICS.find((candidate) => candidate === name.toLowerCase());
  if (metric === undefined) throw invalidField(field, `"${name}" is none of ${METRICS.join(', ')}`, 'BUDGET_METRIC');
  const limited = target === undefined ? { metric } : { metric, target };
  const value = Number(number);
  if (!(value > 0 && value < Number.MAX_SAFE_INTEGER)) {
    throw invalidField(field, `"${text}": the limit must be above 0 and below 2^53`, 'BUDGET_VALUE');
  }
  if (unit.toLowerCase() === 'x') return { ...limited, limit: { kind: 'relative', ratio: value } };
  const factor = UNITS[metric][unit.toLowerCase()];
  if (factor !== undefined) return { ...limited, limit: { kind: 'absolute', value: value * factor } };
  const units = [...Object.keys(UNITS[metric]).filter(Boolean), 'x'].join(', ');
  throw invalidField(field, `"${text}": the unit of ${metric} is one of ${units}`, 'BUDGET_UNIT');
}

/** The constraint as {@link parseConstraint} reads it. */
export function formatConstraint({ metric, limit, target }: Constraint): string {
  const limited = target === undefined ? metric : `${metric}@${target}`;
  if (limit.kind === 'relative') return `${limited}<=${limit.ratio}x`;
  const unit = { latency: 'ms', energy: 'mJ', size: 'B', bops: '', 'effective-bits': '' }[metric];
  return `${limited}<=${limit.value}${unit}`;
}

/** What is wrong with a constraint of a search on these targets, and how to mend it; undefined when it is sound. */
export function constraintProblem({ metric, target }: Constraint, hardware: readonly string[]): string | undefined {
  if (target === undefined) return undefined;
  if (!isHardwareMetric(metric)) return `${metric} is the same on all hardware; leave out "@${target}"`;
  if (hardware.includes(target)) return undefined;
  return `"${target}" is no target of this search; its targets are ${hardware.join(', ')}`;
}
