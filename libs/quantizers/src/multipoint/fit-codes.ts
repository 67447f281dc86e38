import { type PointSum, residualOf } from './channel-points.js';
import { type CodeSums, codeCombinations, codeSums, nearestSum } from './code-sums.js';
import { dot, fitWeighted, multiplySymmetric } from './fit-coefficients.js';
import { pointCodes } from './point-codes.js';
import { whileBetter } from './while-better.js';

/** Rounds of codes chosen to coefficients, and coefficients fitted to codes. */
const LIMITS = { rounds: 3, leastGain: 0.01 };

/** Passes over the weights in a round. */
const PASSES = 3;

/** Of one weight, as a share of what its own error counts: less is rounding. */
const LEAST_CHANGE = 1e-12;

/** What is added to the covariance's diagonal, as a share of its mean: codes are not to follow chance in few inputs. */
const RIDGE = 0.01;

/**
 * A channel's points with codes and coefficients fitted to what the channel gives, `covariance` C being that of what it
 * reads. In turn, each weight takes the sum of codes that leaves least of (w - w̃)ᵀ C (w - w̃), all others as they are, so
 * that it makes up for what others leave, as neighbours in a window go together. Coordinate descent; never leaves more
 * than it was given, C's diagonal raised by 1 % of its mean.
 */
export function fitCodesToOutputs(
  channel: Float32Array,
  start: PointSum,
  covariance: Float64Array,
  bits: number,
): PointSum {
  const combinations = codeCombinations(pointCodes(bits), start.codes.length);
  if (combinations === undefined) return start;
  const outputs = outputsOf(covariance, channel.length);
  const next = (best: Assessed) => {
    const codes = descend(channel, best, codeSums(combinations, best.sum.coefficients), outputs);
    const coefficients = fitWeighted(channel, codes, codes.map(outputs.weigh));
    return assess(channel, { codes, coefficients }, outputs);
  };
  return whileBetter(assess(channel, start, outputs), next, LIMITS).sum;
}

/** C with its raised diagonal. */
type Outputs = {
  row(index: number): Float64Array;
  readonly ridge: number;
  weigh(vector: ArrayLike<number>): Float64Array;
};

function outputsOf(covariance: Float64Array, size: number): Outputs {
  let trace = 0;
  for (let at = 0; at < covariance.length; at += size + 1) trace += covariance[at] as number;
  const ridge = (RIDGE * trace) / size;
  const weigh = (vector: ArrayLike<number>) =>
    multiplySymmetric(covariance, vector).map((value, index) => value + ridge * (vector[index] as number));
  return { row: (index) => covariance.subarray(index * size, (index + 1) * size), ridge, weigh };
}

type Assessed = {
  readonly sum: PointSum;
  /** What the points leave of the channel, r, and half the error's gradient, C r. */
  readonly left: Float64Array;
  readonly gradient: Float64Array;
  readonly error: number;
};

function assess(channel: Float32Array, sum: PointSum, { weigh }: Outputs): Assessed {
  const left = residualOf(channel, sum);
  const gradient = weigh(left);
  return { sum, left, gradient, error: dot(left, gradient) };
}

function descend(channel: Float32Array, from: Assessed, sums: CodeSums, outputs: Outputs): readonly Int8Array[] {
  const codes = from.sum.codes.map((row) => row.slice());
  const [left, gradient] = [from.left.slice(), from.gradient.slice()];
  for (let pass = 0, changes = 1; pass < PASSES && changes > 0; pass += 1) {
    changes = 0;
    for (let index = 0; index < channel.length; index += 1) {
      const way = betterSum(channel[index] as number, { index, left, gradient }, sums, outputs);
      if (way === undefined) continue;
      changes += 1;
      codes.forEach((row, point) => {
        row[index] = sums.codes[way * codes.length + point] as number;
      });
      move(left, gradient, index, (channel[index] as number) - (sums.ascending[way] as number), outputs);
    }
  }
  return codes;
}

type Place = { readonly index: number; readonly left: Float64Array; readonly gradient: Float64Array };

/** The sum that leaves least with all other weights as they are; undefined where none leaves less than now. */
function betterSum(weight: number, { index, left, gradient }: Place, sums: CodeSums, outputs: Outputs) {
  const curvature = (outputs.row(index)[index] as number) + outputs.ridge;
  if (!(curvature > 0)) return undefined;
  const [now, slope] = [left[index] as number, gradient[index] as number];
  const way = nearestSum(sums, weight - now + slope / curvature);
  const change = weight - (sums.ascending[way] as number) - now;
  return change * (curvature * change + 2 * slope) < -LEAST_CHANGE * curvature * now * now ? way : undefined;
}

function move(left: Float64Array, gradient: Float64Array, index: number, to: number, { row, ridge }: Outputs): void {
  const change = to - (left[index] as number);
  left[index] = to;
  const products = row(index);
  for (let other = 0; other < gradient.length; other += 1)
    gradient[other] = (gradient[other] as number) + change * (products[other] as number);
  gradient[index] = (gradient[index] as number) + change * ridge;
}
