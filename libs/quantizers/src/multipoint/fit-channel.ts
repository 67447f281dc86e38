import { roundHalfToEven } from '@bitwright/core';
import type { CodeRange } from '../linear/grid.js';
import { measureMagnitudes } from '../magnitudes.js';
import { type ChannelPoints, type PointSum, residualOf } from './channel-points.js';
import { chooseTogether } from './choose-together.js';
import { fitCoefficients } from './fit-coefficients.js';
import { assertPoints } from './multipoint-weights.js';
import { pointCodes } from './point-codes.js';
import { searchStep } from './scale-search.js';

export type FitOptions = {
  /** 1..8. */
  readonly bits: number;
  readonly maximumPoints: number;
};

/** Times that codes are rounded anew to the coefficient which they gave. */
const ALTERNATIONS = 2;

/**
 * A channel w as sum of a_i u_i, every u_i on one grid of `bits` bits. Greedy: each point approximates what the points
 * before it leave (arXiv 2002.09049, section 3), then the a_i are fitted together by least squares. Ours: codes and
 * coefficients of all points are then chosen together, in turn. The error over the weights never grows with points.
 * Throws `invalid_argument` for NaN or infinity (`NOT_FINITE`).
 */
export function fitChannel(channel: Float32Array, { bits, maximumPoints }: FitOptions): ChannelPoints {
  assertPoints(maximumPoints, 'maximumPoints');
  measureMagnitudes(channel);
  const grid = pointCodes(bits);
  let sum: PointSum = { codes: [], coefficients: new Float32Array(0) };
  return Array.from({ length: maximumPoints }, () => {
    sum = chooseTogether(channel, withNextPoint(channel, sum, grid), grid);
    return sum;
  });
}

function withNextPoint(channel: Float32Array, sum: PointSum, grid: CodeRange): PointSum {
  const next = nearestPoint(residualOf(channel, sum), grid);
  const codes = [...sum.codes, next.codes];
  const fitted = fitCoefficients(channel, codes);
  const coefficients = fitted.every(Number.isFinite) ? fitted : Float32Array.of(...sum.coefficients, next.coefficient);
  return { codes, coefficients };
}

type Point = { readonly codes: Int8Array; readonly coefficient: number };

/** The multiple of a grid vector that lies nearest: a search over the step, then codes and coefficient in turn. */
function nearestPoint(vector: Float64Array, grid: CodeRange): Point {
  let point = refit(vector, codesAt(vector, grid.binary ? 1 : searchStep(vector, grid), grid));
  for (let round = 0; round < ALTERNATIONS && !grid.binary; round += 1) {
    const next = refit(vector, codesAt(vector, point.coefficient, grid));
    if (next.explained <= point.explained) break;
    point = next;
  }
  return point;
}

function codesAt(vector: Float64Array, step: number, { binary, lowest, highest }: CodeRange): Int8Array {
  return Int8Array.from(vector, (value) => {
    if (binary) return value < 0 ? -1 : 1;
    if (step === 0) return 0;
    return Math.min(Math.max(roundHalfToEven(value / step), lowest), highest);
  });
}

/** The best coefficient of given codes, (rᵀu) / (uᵀu), in float32 as it is stored, and the squares that it explains. */
function refit(vector: Float64Array, codes: Int8Array): Point & { readonly explained: number } {
  let product = 0;
  let square = 0;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] as number;
    product += code * (vector[index] as number);
    square += code * code;
  }
  if (square === 0) return { codes, coefficient: 0, explained: 0 };
  return { codes, coefficient: Math.fround(product / square), explained: (product * product) / square };
}
