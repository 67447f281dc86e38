import type { ChannelPoints } from './fit-channel.js';
import { dot, multiplySymmetric } from './fit-channel.js';

/**
 * Squared error of a channel's outputs with 1, 2, … points, as a share of the variance of what it gives in float:
 * (w - w̃)ᵀ C (w - w̃) / wᵀ C w with C the covariance of what the channel reads. 0 where the channel gives a constant.
 */
export function relativeOutputErrors(
  channel: Float32Array,
  points: ChannelPoints,
  covariance: Float64Array,
): Float64Array {
  const variance = outputVariance(channel, covariance);
  return Float64Array.from(points.coefficients, (coefficients) => {
    const left = Float64Array.from(channel);
    coefficients.forEach((coefficient, point) => {
      const codes = points.codes[point] as Int8Array;
      for (let index = 0; index < left.length; index += 1)
        left[index] = (left[index] as number) - coefficient * (codes[index] as number);
    });
    return variance > 0 ? Math.max(0, outputVariance(left, covariance)) / variance : 0;
  });
}

/** Variance of a channel's output, wᵀ C w. */
export function outputVariance(channel: ArrayLike<number>, covariance: Float64Array): number {
  return dot(multiplySymmetric(covariance, channel), channel);
}
