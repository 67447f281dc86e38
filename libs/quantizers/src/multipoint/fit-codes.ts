import { type PointSum, residualOf } from './channel-points.js';
import { type CodeSums, codeCombinations, codeSums, nearestSum } from './code-sums.js';
import { fitWeighted } from './fit-coefficients.js';
import { pointCodes } from './point-codes.js';
import { addScaled, dot } from './vectors.js';
import { type Weighed, weighedResidual } from './weighed.js';
import { whileBetter } from './while-better.js';

/** Rounds of codes chosen to coefficients, and coefficients fitted to codes. */
const LIMITS = { rounds: 3, leastGain: 0.01 };

/** Passes over the weights in a round. */
const PASSES = 3;

/** Of one weight, as a share of what its own error counts: less is rounding. */
const LEAST_CHANGE = 1e-12;

/** What is added to the covariance's diagonal, as a share of its mean: codes are not to follow chance in few inputs. */
const RIDGE = 0.01;

/** What a channel reads: its covariance C, and the channel and its points times C. */
export type ChannelOutputs = { readonly covariance: Float64Array; readonly weighed: Weighed };

/**
 * A channel's points with codes and coefficients fitted to what the channel gives. In turn, each weight takes the sum of
 * codes that leaves least of (w - w̃)ᵀ C (w - w̃), all others as they are, so that it makes up for what others leave, as
 * neighbours in a window go together. Coordinate descent; never leaves more than it was given, C's diagonal raised by 1 %
 * of its mean.
 */
export function fitCodesToOutputs(
  channel: Float32Array,
  start: PointSum,
  { covariance, weighed }: ChannelOutputs,
  bits: number,
): PointSum {
  const combinations = codeCombinations(pointCodes(bits), start.codes.length);
  if (combinations === undefined) return start;
  const ridge = ridgeOf(covariance, channel.length);
  const next = (best: Assessed) => {
    const found = descend(channel, best, codeSums(combinations, best.sum.coefficients), { covariance, ridge });
    const coefficients = fitWeighted(channel, found.codes, found.weighed.codes);
    return assess(channel, { codes: found.codes, coefficients }, found.weighed);
  };
  return whileBetter(assess(channel, start, withRidge(channel, start, weighed, ridge)), next, LIMITS).sum;
}

function ridgeOf(covariance: Float64Array, size: number): number {
  let trace = 0;
  for (let at = 0; at < covariance.length; at += size + 1) trace += covariance[at] as number;
  return (RIDGE * trace) / size;
}

function withRidge(channel: Float32Array, { codes }: PointSum, weighed: Weighed, ridge: number): Weighed {
  const raised = (vector: ArrayLike<number>, product: Float64Array) => {
    const result = product.slice();
    addScaled(result, vector, ridge);
    return result;
  };
  return {
    channel: raised(channel, weighed.channel),
    codes: codes.map((row, point) => raised(row, weighed.codes[point] as Float64Array)),
  };
}

type Assessed = {
  readonly sum: PointSum;
  readonly weighed: Weighed;
  /** What the points leave of the channel, r, and half the error's gradient, C r. */
  readonly left: Float64Array;
  readonly gradient: Float64Array;
  readonly error: number;
};

function assess(channel: Float32Array, sum: PointSum, weighed: Weighed): Assessed {
  const left = residualOf(channel, sum);
  const gradient = weighedResidual(weighed, sum.coefficients);
  return { sum, weighed, left, gradient, error: dot(left, gradient) };
}

/** C, its diagonal to be raised. */
type Curvature = { readonly covariance: Float64Array; readonly ridge: number };

type Found = { readonly codes: readonly Int8Array[]; readonly weighed: Weighed };

function descend(channel: Float32Array, from: Assessed, sums: CodeSums, curvature: Curvature): Found {
  const codes = from.sum.codes.map((row) => row.slice());
  const weighed = { channel: from.weighed.channel, codes: from.weighed.codes.map((row) => row.slice()) };
  const [left, gradient] = [from.left.slice(), from.gradient.slice()];
  for (let pass = 0, changes = 1; pass < PASSES && changes > 0; pass += 1) {
    changes = 0;
    for (let index = 0; index < channel.length; index += 1) {
      const way = betterSum(channel[index] as number, { index, left, gradient }, sums, curvature);
      if (way === undefined) continue;
      changes += 1;
      codes.forEach((row, point) => {
        const code = sums.codes[way * codes.length + point] as number;
        addColumn(weighed.codes[point] as Float64Array, index, code - (row[index] as number), curvature);
        row[index] = code;
      });
      const now = (channel[index] as number) - (sums.ascending[way] as number);
      addColumn(gradient, index, now - (left[index] as number), curvature);
      left[index] = now;
    }
  }
  return { codes, weighed };
}

type Place = { readonly index: number; readonly left: Float64Array; readonly gradient: Float64Array };

/** The sum that leaves least with all other weights as they are; undefined where none leaves less than now. */
function betterSum(
  weight: number,
  { index, left, gradient }: Place,
  sums: CodeSums,
  { covariance, ridge }: Curvature,
): number | undefined {
  const curvature = (covariance[index * (left.length + 1)] as number) + ridge;
  if (!(curvature > 0)) return undefined;
  const [now, slope] = [left[index] as number, gradient[index] as number];
  const way = nearestSum(sums, weight - now + slope / curvature);
  const change = weight - (sums.ascending[way] as number) - now;
  return change * (curvature * change + 2 * slope) < -LEAST_CHANGE * curvature * now * now ? way : undefined;
}

/** What C times a vector becomes when `change` is added to the vector at `index`. */
function addColumn(product: Float64Array, index: number, change: number, { covariance, ridge }: Curvature): void {
  if (change === 0) return;
  const size = product.length;
  addScaled(product, covariance.subarray(index * size, (index + 1) * size), change);
  product[index] = (product[index] as number) + change * ridge;
}
