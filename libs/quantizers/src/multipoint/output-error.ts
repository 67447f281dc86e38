import { type ChannelPoints, residualOf } from './channel-points.js';
import { dot } from './vectors.js';
import { type Weighed, weighedResidual } from './weighed.js';

/**
 * Squared error of a channel's outputs with 1, 2, … points, as a share of the variance of what it gives in float:
 * (w - w̃)ᵀ C (w - w̃) / wᵀ C w with C the covariance of what the channel reads. 0 where the channel gives a constant.
 */
export function relativeOutputErrors(
  channel: Float32Array,
  points: ChannelPoints,
  weighed: readonly Weighed[],
): Float64Array {
  return Float64Array.from(points, (sum, index) => {
    const own = weighed[index] as Weighed;
    const variance = outputVariance(channel, own.channel);
    const error = dot(residualOf(channel, sum), weighedResidual(own, sum.coefficients));
    return variance > 0 ? Math.max(0, error) / variance : 0;
  });
}

/** Variance of a channel's output, wᵀ C w; `weighed` is C w. */
export function outputVariance(channel: Float32Array, weighed: Float64Array): number {
  return dot(weighed, channel);
}
