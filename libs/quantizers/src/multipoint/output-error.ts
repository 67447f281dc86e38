import { type ChannelPoints, residualOf } from './channel-points.js';
import { dot, multiplySymmetric } from './fit-coefficients.js';

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
  return Float64Array.from(points, (sum) =>
    variance > 0 ? Math.max(0, outputVariance(residualOf(channel, sum), covariance)) / variance : 0,
  );
}

/** Variance of a channel's output, wᵀ C w. */
export function outputVariance(channel: ArrayLike<number>, covariance: Float64Array): number {
  return dot(multiplySymmetric(covariance, channel), channel);
}
