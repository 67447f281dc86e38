import type { Layer, RandomSource, SearchProblem } from '@bitwright/core';
import type { Bits } from '../allocation/decisions.js';
import type { NoiseModel } from '../allocation/quantization-noise.js';
import { cholesky, solveLower, solveUpper } from './linear-algebra.js';

/** A policy with the accuracy it reached. */
export type Measured = { readonly bits: Bits; readonly accuracy: number };

/** Relative standard error of a measured accuracy, and how it grows with the loss: far away the model is only rough. */
const MEASUREMENT_ERROR = 0.005;
const MODEL_ERROR = 0.3;
/** Standard deviation of the intercept: what fine-tuning alone gains or loses. */
const INTERCEPT_DEVIATION = 0.02;
/** A group's sensitivity stays within this factor of the common one. */
const LARGEST_FACTOR = 10;

/**
 * Draws how sensitive each decision is, given what was measured. Model: the log of the accuracy falls by the noise of
 * each group of tensors (weights or activations, depthwise or not, first, middle or last third) times the group's
 * sensitivity; Bayesian linear regression around one sensitivity for all. A draw instead of the mean explores where
 * little is known (Thompson sampling).
 */
export function drawSensitivities(
  problem: SearchProblem,
  noise: NoiseModel,
  measured: readonly Measured[],
  random: RandomSource,
): Float64Array {
  const groups = problem.layers.flatMap((layer) => [groupOf(layer, problem, 0), groupOf(layer, problem, 1)]);
  const names = [...new Set(groups)];
  const rows = measured.map(({ bits }) => featuresOf(bits, groups, names, noise));
  const losses = measured.map(({ accuracy }) => -Math.log(Math.max(accuracy, 0.02) / problem.floatAccuracy));
  const trust = losses.map((loss) => 1 / (MEASUREMENT_ERROR ** 2 + (MODEL_ERROR * loss) ** 2));
  const common = commonSensitivity(rows, losses, trust);
  const drawn = drawPosterior(rows, losses, trust, common, random);
  const factors = new Map(names.map((name, index) => [name, clampFactor((drawn[index + 1] as number) / common)]));
  return Float64Array.from(groups, (name) => factors.get(name) as number);
}

const clampFactor = (factor: number) => Math.min(LARGEST_FACTOR, Math.max(1 / LARGEST_FACTOR, factor));

function groupOf(layer: Layer, problem: SearchProblem, role: 0 | 1): string {
  const third = Math.floor((3 * layer.index) / problem.layers.length);
  return `${role}/${layer.kind === 'depthwise'}/${third}`;
}

/** An intercept and the noise of each group. */
function featuresOf(bits: Bits, groups: readonly string[], names: readonly string[], noise: NoiseModel): Float64Array {
  const features = new Float64Array(names.length + 1);
  features[0] = 1;
  const columns = new Map(names.map((name, index) => [name, index + 1]));
  groups.forEach((name, decision) => {
    const column = columns.get(name) as number;
    features[column] = (features[column] as number) + noise(decision, bits[decision] as number);
  });
  return features;
}

/** Least squares with one sensitivity for all groups. */
function commonSensitivity(rows: readonly Float64Array[], losses: readonly number[], trust: readonly number[]): number {
  let products = 0;
  let squares = 0;
  rows.forEach((row, index) => {
    const total = row.subarray(1).reduce((sum, value) => sum + value, 0);
    products += (trust[index] as number) * total * (losses[index] as number);
    squares += (trust[index] as number) * total * total;
  });
  return Math.max(products / Math.max(squares, 1e-12), 1e-4);
}

function drawPosterior(
  rows: readonly Float64Array[],
  losses: readonly number[],
  trust: readonly number[],
  common: number,
  random: RandomSource,
) {
  const size = rows[0]?.length ?? 1;
  const priorMean = Float64Array.from({ length: size }, (_, index) => (index === 0 ? 0 : common));
  const precision = Float64Array.from(
    { length: size },
    (_, index) => 1 / (index === 0 ? INTERCEPT_DEVIATION : common) ** 2,
  );
  const matrix = Array.from({ length: size }, (_, i) =>
    Float64Array.from({ length: size }, (__, j) => (i === j ? (precision[i] as number) : 0)),
  );
  const right = precision.map((value, index) => value * (priorMean[index] as number));
  rows.forEach((row, sample) => {
    for (let i = 0; i < size; i += 1) {
      const weighted = (trust[sample] as number) * (row[i] as number);
      right[i] = (right[i] as number) + weighted * (losses[sample] as number);
      const line = matrix[i] as Float64Array;
      for (let j = 0; j < size; j += 1) line[j] = (line[j] as number) + weighted * (row[j] as number);
    }
  });
  const lower = cholesky(matrix);
  const mean = solveUpper(lower, solveLower(lower, right));
  const deviation = solveUpper(
    lower,
    Float64Array.from({ length: size }, () => random.normal()),
  );
  return mean.map((value, index) => value + (deviation[index] as number));
}
