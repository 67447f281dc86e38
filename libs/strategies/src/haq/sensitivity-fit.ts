import type { Layer, RandomSource, SearchProblem } from '@bitwright/core';
import type { Bits } from '../allocation/decisions.js';
import type { NoiseModel } from '../allocation/quantization-noise.js';
import { cholesky, solveLower, solveUpper } from './linear-algebra.js';

/** What policies lose against the float network, nats, and the standard error of that. */
export type Losses = {
  readonly error: number;
  readonly losses: readonly { readonly bits: Bits; readonly loss: number }[];
};

/** Standard error of the model, relative to the loss. */
const MODEL_ERROR = 0.1;
/** Prior standard deviation of the intercept: what fine-tuning alone gains or loses. */
const INTERCEPT_DEVIATION = 0.02;
/** Prior standard deviations of a group's and of a single tensor's sensitivity, relative to the common one. */
const GROUP_DEVIATION = 0.3;
const TENSOR_DEVIATION = 0.4;
/** A sensitivity stays within this factor of the common one. */
const LARGEST_FACTOR = 10;

/**
 * Draws how sensitive each decision is, given what was measured. Model: the loss grows by the noise of
 * each tensor times its sensitivity, which is a common one, plus what its group deviates (weights or activations,
 * depthwise or not, first, middle or last third of the layers), plus what it deviates itself; Bayesian linear
 * regression. A draw instead of the mean explores where little is known (Thompson sampling).
 */
export function drawSensitivities(
  problem: SearchProblem,
  noise: NoiseModel,
  { error, losses: measured }: Losses,
  random: RandomSource,
): Float64Array {
  const groups = problem.layers.flatMap((layer) => [groupOf(layer, problem, 0), groupOf(layer, problem, 1)]);
  const names = [...new Set(groups)];
  const columns = groups.map((name) => 1 + names.indexOf(name));
  const rows = measured.map(({ bits }) => featuresOf(bits, columns, names.length, noise));
  const losses = measured.map(({ loss }) => loss);
  const trust = losses.map((loss) => 1 / (error ** 2 + (MODEL_ERROR * loss) ** 2));
  const totals = rows.map((row) => row.subarray(1 + names.length).reduce((sum, value) => sum + value, 0));
  const common = commonSensitivity(totals, losses, trust);
  const left = losses.map((loss, sample) => loss - common * (totals[sample] as number));
  const deviations = priorDeviations(names.length, groups.length, common);
  const drawn = drawPosterior(rows, left, trust, deviations, random);
  return Float64Array.from(columns, (column, decision) => {
    const deviation = (drawn[column] as number) + (drawn[1 + names.length + decision] as number);
    return Math.min(LARGEST_FACTOR, Math.max(1 / LARGEST_FACTOR, 1 + deviation / common));
  });
}

function groupOf(layer: Layer, problem: SearchProblem, role: 0 | 1): string {
  const third = Math.floor((3 * layer.index) / problem.layers.length);
  return `${role}/${layer.kind === 'depthwise'}/${third}`;
}

/** An intercept, the noise of each group, the noise of each tensor. */
function featuresOf(bits: Bits, columns: readonly number[], groups: number, noise: NoiseModel): Float64Array {
  const features = new Float64Array(1 + groups + bits.length);
  features[0] = 1;
  columns.forEach((column, decision) => {
    const value = noise(decision, bits[decision] as number);
    features[column] = (features[column] as number) + value;
    features[1 + groups + decision] = value;
  });
  return features;
}

/** Weighted least squares with one sensitivity for all. */
function commonSensitivity(totals: readonly number[], losses: readonly number[], trust: readonly number[]): number {
  const weighted = totals.map((total, sample) => total * (trust[sample] as number));
  const products = weighted.reduce((sum, value, sample) => sum + value * (losses[sample] as number), 0);
  const squares = weighted.reduce((sum, value, sample) => sum + value * (totals[sample] as number), 0);
  return Math.max(products / Math.max(squares, 1e-12), 1e-4);
}

function priorDeviations(groups: number, tensors: number, common: number): Float64Array {
  return Float64Array.from({ length: 1 + groups + tensors }, (_, index) => {
    if (index === 0) return INTERCEPT_DEVIATION;
    return common * (index <= groups ? GROUP_DEVIATION : TENSOR_DEVIATION);
  });
}

/** A draw from the posterior of linear coefficients with independent normal priors around 0. */
function drawPosterior(
  rows: readonly Float64Array[],
  targets: readonly number[],
  trust: readonly number[],
  deviations: Float64Array,
  random: RandomSource,
): Float64Array {
  const size = deviations.length;
  const right = new Float64Array(size);
  const matrix = Array.from({ length: size }, (_, i) => {
    const line = new Float64Array(size);
    line[i] = 1 / (deviations[i] as number) ** 2;
    return line;
  });
  rows.forEach((row, sample) => {
    addObservation(matrix, right, row, targets[sample] as number, trust[sample] as number);
  });
  const lower = cholesky(matrix);
  const mean = solveUpper(lower, solveLower(lower, right));
  const deviation = solveUpper(
    lower,
    Float64Array.from({ length: size }, () => random.normal()),
  );
  return mean.map((value, index) => value + (deviation[index] as number));
}

/** Adds one observation to the posterior's precision (its lower half) and to precision times mean. */
function addObservation(
  matrix: readonly Float64Array[],
  right: Float64Array,
  row: Float64Array,
  target: number,
  trust: number,
) {
  for (let i = 0; i < row.length; i += 1) {
    const weighted = trust * (row[i] as number);
    const line = matrix[i] as Float64Array;
    right[i] = (right[i] as number) + weighted * target;
    for (let j = 0; j <= i; j += 1) line[j] = (line[j] as number) + weighted * (row[j] as number);
  }
}
