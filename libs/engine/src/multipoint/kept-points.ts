import type { Layer, ParameterTensor } from '@bitwright/core';
import {
  type ChannelPoints,
  type FitOptions,
  fitChannels,
  joinPoints,
  type MultipointWeights,
  type PointSum,
  splitPoints,
} from '@bitwright/quantizers';

/** The most that is kept, bytes: points of a network of a million weights at six widths. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Points fitted to layers' weights. They depend on bits and on how many a channel may have, not on the rest of a policy:
 * kept from one policy to the next, as long as there is room.
 */
export interface KeptPoints {
  fit(layer: Layer, weight: ParameterTensor, options: FitOptions): readonly ChannelPoints[];
}

export function createKeptPoints(mostBytes = MOST_BYTES, fitAnew = fitChannels): KeptPoints {
  // Joined: small arrays of their own for each point would take ten times what is in them.
  const kept = new Map<string, MultipointWeights>();
  let bytes = 0;
  return {
    fit: (layer, weight, options) => {
      const key = `${layer.index} ${options.bits} ${options.maximumPoints}`;
      const known = kept.get(key);
      if (known !== undefined) return inChannels(splitPoints(known), options.maximumPoints);
      const points = fitAnew(weight, options);
      const joined = joinPoints(options.bits, points.flat());
      const size = joined.codes.byteLength + joined.coefficients.byteLength;
      if (bytes + size <= mostBytes) {
        kept.set(key, joined);
        bytes += size;
      }
      return points;
    },
  };
}

/** A channel as one point, as two, … up to `maximumPoints`, then the next channel. */
function inChannels(sums: readonly PointSum[], maximumPoints: number): readonly ChannelPoints[] {
  return Array.from({ length: sums.length / maximumPoints }, (_, channel) =>
    sums.slice(channel * maximumPoints, (channel + 1) * maximumPoints),
  );
}
