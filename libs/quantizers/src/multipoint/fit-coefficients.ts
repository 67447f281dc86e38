import type { ChannelPoints } from './channel-points.js';
import { solveSymmetric } from './least-squares.js';

/** The coefficients of least squared error over the weights, with these codes. */
export function fitCoefficients(channel: Float32Array, codes: readonly Int8Array[]): Float32Array {
  return fitWeighted(channel, codes, codes);
}

/** The same codes with coefficients fitted to what the channel gives, `covariance` being that of what it reads. */
export function fitToOutputs(channel: Float32Array, points: ChannelPoints, covariance: Float64Array): ChannelPoints {
  return points.map(({ codes, coefficients }) => {
    const weighted = codes.map((row) => multiplySymmetric(covariance, row));
    const fitted = fitWeighted(channel, codes, weighted);
    return { codes, coefficients: fitted.every(Number.isFinite) ? fitted : coefficients };
  });
}

/** `weighted` are the codes times the covariance of what the channel reads; the codes themselves: the weights' error. */
export function fitWeighted(
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
