import { roundHalfToEven } from '@bitwright/core';
import { codeRange, type LinearGrid } from '../linear/grid.js';
import { measureMagnitudes } from '../magnitudes.js';
import { solveSymmetric } from './least-squares.js';
import { assertPoints } from './multipoint-weights.js';
import { searchStep } from './scale-search.js';

/** A channel's points in the order in which they were found; the first n of them stand for it best with n points. */
export type ChannelPoints = {
  readonly codes: readonly Int8Array[];
  /** `coefficients[n - 1]` are those of the first n points. */
  readonly coefficients: readonly Float32Array[];
};

export type FitOptions = {
  /** 1..8. */
  readonly bits: number;
  readonly maximumPoints: number;
  /**
   * Covariance of what the channel reads, row by row: all coefficients are then fitted together to the channel's
   * outputs. Without it they are fitted together to its weights.
   */
  readonly covariance?: Float64Array | undefined;
};

/** Times that codes are rounded anew to the coefficient which they gave. */
const ALTERNATIONS = 2;

/**
 * Greedy construction of a channel w as sum of a_i u_i, every u_i on one grid of `bits` bits: each point approximates
 * what the points before it leave (arXiv 2002.09049, section 3). Then the a_i are fitted together by least squares.
 * The error over the weights never grows with points. Throws `invalid_argument` for NaN or infinity (`NOT_FINITE`).
 */
export function fitChannel(channel: Float32Array, { bits, maximumPoints, covariance }: FitOptions): ChannelPoints {
  assertPoints(maximumPoints, 'maximumPoints');
  measureMagnitudes(channel);
  const grid = codeRange(bits, true);
  const residual = Float64Array.from(channel);
  const codes: Int8Array[] = [];
  const weighted: ArrayLike<number>[] = [];
  const found: number[] = [];
  const coefficients = Array.from({ length: maximumPoints }, () => {
    const point = nearestPoint(residual, grid);
    codes.push(point.codes);
    weighted.push(covariance === undefined ? point.codes : multiplySymmetric(covariance, point.codes));
    found.push(point.coefficient);
    subtractPoint(residual, point);
    const together = fitTogether(channel, codes, weighted);
    return together.every(Number.isFinite) ? together : Float32Array.from(found);
  });
  return { codes, coefficients };
}

type Range = Omit<LinearGrid, 'scale'>;
type Point = { readonly codes: Int8Array; readonly coefficient: number };

/** The multiple of a grid vector that lies nearest: a search over the step, then codes and coefficient in turn. */
function nearestPoint(vector: Float64Array, grid: Range): Point {
  let point = refit(vector, codesAt(vector, grid.binary ? 1 : searchStep(vector, grid.highest), grid));
  for (let round = 0; round < ALTERNATIONS && !grid.binary; round += 1) {
    const next = refit(vector, codesAt(vector, point.coefficient, grid));
    if (next.explained <= point.explained) break;
    point = next;
  }
  return point;
}

function codesAt(vector: Float64Array, step: number, { binary, lowest, highest }: Range): Int8Array {
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

function subtractPoint(residual: Float64Array, { codes, coefficient }: Point): void {
  for (let index = 0; index < codes.length; index += 1)
    residual[index] = (residual[index] as number) - coefficient * (codes[index] as number);
}

/** The coefficients of least squared error over the weights, with these codes. */
export function fitCoefficients(channel: Float32Array, codes: readonly Int8Array[]): Float32Array {
  return fitTogether(channel, codes, codes);
}

/** `weighted` are the codes times the covariance of what the channel reads; the codes themselves: the weights' error. */
function fitTogether(
  channel: Float32Array,
  codes: readonly Int8Array[],
  weighted: readonly ArrayLike<number>[],
): Float32Array {
  const gram = Float64Array.from(weighted.flatMap((row) => codes.map((code) => dot(row, code))));
  return Float32Array.from(
    solveSymmetric(
      gram,
      Float64Array.from(weighted, (row) => dot(row, channel)),
    ),
  );
}

/** A symmetric matrix, row by row, times a vector. */
export function multiplySymmetric(matrix: Float64Array, vector: ArrayLike<number>): Float64Array {
  const size = vector.length;
  const product = new Float64Array(size);
  for (let row = 0; row < size; row += 1) {
    const value = vector[row] as number;
    if (value === 0) continue;
    for (let column = 0; column < size; column += 1)
      product[column] = (product[column] as number) + value * (matrix[row * size + column] as number);
  }
  return product;
}

/** The sum of products of two vectors. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
