import type { ChannelPoints } from './channel-points.js';
import { without } from './vectors.js';

/** What is weighed of a channel: itself, then the codes of its points as one, as two, …. */
export function vectorsToWeigh(channel: Float32Array, points: ChannelPoints): readonly (Float32Array | Int8Array)[] {
  return [channel, ...points.flatMap(({ codes }) => codes)];
}

/** Vectors times the covariance C of what the channel reads. */
export type Weighed = {
  /** C w. */
  readonly channel: Float64Array;
  /** C u of each point's codes. */
  readonly codes: readonly Float64Array[];
};

/** Of each sum of points, from what `vectorsToWeigh` became. */
export function weighedSums(points: ChannelPoints, weighed: readonly Float64Array[]): readonly Weighed[] {
  const [channel, ...rows] = weighed as [Float64Array, ...Float64Array[]];
  let end = 0;
  return points.map(({ codes }) => {
    end += codes.length;
    return { channel, codes: rows.slice(end - codes.length, end) };
  });
}

/** What the points leave of a channel, weighed. */
export function weighedResidual({ channel, codes }: Weighed, coefficients: Float32Array): Float64Array {
  return without(channel, codes, coefficients);
}
