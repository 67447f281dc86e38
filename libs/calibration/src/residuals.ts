import type { ConstantValues, PhysicalConstant, TunableProfile } from '@bitwright/accelerators';
import { type Metric, type Observation, predict } from './observations.js';

/** What a fit is of: the constants that are free, on a logarithmic scale, and what they are fitted to. */
export type Problem = {
  /** As it is before the fit; constants that are not free keep the values that it has. */
  readonly profile: TunableProfile;
  readonly metric: Metric;
  readonly observations: readonly Observation[];
  readonly free: readonly PhysicalConstant[];
};

/** Costs below this, ms or mJ, are taken as this: a logarithm needs something. */
const SMALLEST_COST = 1e-15;

/** ln(predicted / measured) of each observation, times the root of its weight; constants by their logarithms. */
export function residualsAt(problem: Problem, logValues: readonly number[]): Float64Array {
  const { profile, metric, observations } = problem;
  const predicted = predict(profile.tune(valuesAt(problem, logValues)), observations, metric);
  return Float64Array.from(observations, ({ measured, weight }, index) => {
    const cost = Math.max(predicted[index] as number, SMALLEST_COST);
    return Math.sqrt(weight) * Math.log(cost / measured);
  });
}

/** The constants' own values. */
export function valuesAt({ free }: Problem, logValues: readonly number[]): ConstantValues {
  return Object.fromEntries(free.map(({ name }, index) => [name, Math.exp(logValues[index] as number)]));
}

/** A value on the scale of the fit, within the constant's range: an effect that is left out counts as its least. */
export function logOf({ low, high }: PhysicalConstant, value: number): number {
  return Math.log(Math.min(Math.max(value, low), high));
}

/** Huber's loss: squares up to `width`, beyond it twice the distance, so that outliers pull with a limited force. */
export function huberLoss(residuals: Float64Array, width: number): number {
  return residuals.reduce((sum, residual) => {
    const size = Math.abs(residual);
    return sum + (size <= width ? size ** 2 : 2 * width * size - width ** 2);
  }, 0);
}

/** What each observation counts for at these residuals, 0..1, so that weighted squares pull as Huber's loss does. */
export function huberWeights(residuals: Float64Array, width: number): Float64Array {
  return residuals.map((residual) => Math.min(1, width / Math.abs(residual)));
}

/** Standard deviation of a normal distribution with the same median of absolute values; outliers do not move it. */
export function robustScale(residuals: Float64Array): number {
  const sizes = residuals.map(Math.abs).sort();
  const middle = sizes.length / 2;
  const median = ((sizes[Math.ceil(middle) - 1] as number) + (sizes[Math.floor(middle)] as number)) / 2;
  return 1.4826 * median;
}
