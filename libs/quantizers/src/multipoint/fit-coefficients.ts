import type { ChannelPoints } from './channel-points.js';
import { solveSymmetric } from './least-squares.js';
import { dot } from './vectors.js';
import type { Weighed } from './weighed.js';

/** The coefficients of least squared error over the weights, with these codes. */
export function fitCoefficients(channel: Float32Array, codes: readonly Int8Array[]): Float32Array {
  return fitWeighted(channel, codes, codes);
}

/** The same codes with coefficients fitted to what the channel gives; `weighed` of each sum. */
export function fitToOutputs(channel: Float32Array, points: ChannelPoints, weighed: readonly Weighed[]): ChannelPoints {
  return points.map(({ codes, coefficients }, index) => {
    const fitted = fitWeighted(channel, codes, weighed[index]?.codes ?? []);
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
