import type { PrecisionPolicy } from '../policy/policy.js';
import { metricOf, type ResolvedConstraint, type TargetMetric } from './budget.js';
import type { PolicyCost, PolicyPricer, TargetCost } from './policy-cost.js';

/** A policy with what the hardware's evaluation of the whole of it found. */
export type EvaluatedPolicy = { readonly policy: PrecisionPolicy; readonly cost: PolicyCost };

/** Prices of policies by cost tables, corrected by what evaluations of whole policies found. */
export type CorrectedPrices = {
  /** Changes with {@link learn} alone. */
  readonly cost: PolicyPricer;
  /** Grows when `cost` changed. */
  version(): number;
  /** Takes this evidence, all there is, in place of what it had. */
  learn(evidence: readonly EvaluatedPolicy[]): void;
};

/** What a correction may not lose sight of. */
export type CorrectionBounds = {
  /** A policy that was found to fit: corrected prices say so too. */
  readonly fitting: PrecisionPolicy;
  readonly constraints: readonly ResolvedConstraint[];
};

/** Left below a limit so that rounding does not carry the fitting policy above it. */
const MARGIN = 1e-9;

/**
 * Multiplies each figure that the table knows only beforehand by what evaluations found it to be off. The factor is the
 * geometric mean of evaluated over tabulated, raised by one standard deviation of its logarithm, so that most of what
 * seems to fit fits, and never above the largest that was found. No figures: the prior itself.
 */
export function correctPrices(
  prior: PolicyPricer,
  figures: readonly TargetMetric[],
  bounds: CorrectionBounds,
): CorrectedPrices {
  if (figures.length === 0) return { cost: prior, version: () => 0, learn: () => {} };
  const ceilings = figures.map((figure) => ceilingOf(prior(bounds.fitting), figure, bounds.constraints));
  let factors = figures.map(() => 1);
  let version = 0;
  return {
    cost: (policy) => figures.reduce((cost, figure, k) => scaled(cost, figure, factors[k] as number), prior(policy)),
    version: () => version,
    learn: (evidence) => {
      const priced = evidence.map(({ policy, cost }) => ({ before: prior(policy), after: cost }));
      const learned = figures.map((figure, k) => {
        const ratios = priced.flatMap(({ before, after }) => ratioOf(before, after, figure));
        return Math.min(factorOf(ratios), ceilings[k] as number);
      });
      if (learned.some((factor, k) => factor !== factors[k])) version += 1;
      factors = learned;
    },
  };
}

/** From ratios of what was found and what was expected, in any order; 1 without any. */
export function factorOf(ratios: readonly number[]): number {
  if (ratios.length === 0) return 1;
  // In an order of their own: which of several trials ends first must not decide the last bit.
  const logarithms = ratios.map(Math.log).sort((a, b) => a - b);
  const mean = logarithms.reduce((sum, value) => sum + value, 0) / logarithms.length;
  const variance = logarithms.reduce((sum, value) => sum + (value - mean) ** 2, 0) / logarithms.length;
  return Math.min(Math.exp(mean + Math.sqrt(variance)), Math.max(...ratios));
}

function ratioOf(before: PolicyCost, after: PolicyCost, { metric, target }: TargetMetric): readonly number[] {
  const ratio = (metricOf(after, metric, target) ?? 0) / (metricOf(before, metric, target) ?? 0);
  return ratio > 0 && Number.isFinite(ratio) ? [ratio] : [];
}

function ceilingOf(cost: PolicyCost, { metric, target }: TargetMetric, constraints: readonly ResolvedConstraint[]) {
  const own = constraints.filter((constraint) => constraint.metric === metric && constraint.target === target);
  const value = metricOf(cost, metric, target) ?? 0;
  return Math.min(...own.map(({ limit }) => (limit * (1 - MARGIN)) / value));
}

function scaled(cost: PolicyCost, { metric, target }: TargetMetric, factor: number): PolicyCost {
  const key = metric === 'energy' ? 'energyMj' : 'latencyMs';
  const times = (amount: number | undefined) => (amount === undefined ? undefined : amount * factor);
  if (cost.targets === undefined) return { ...cost, [key]: times(cost[key]) };
  const targets = cost.targets.map(
    (priced): TargetCost => (priced.hardware === target ? { ...priced, [key]: times(priced[key]) } : priced),
  );
  return { ...cost, targets, [key]: targets[0]?.[key] };
}
