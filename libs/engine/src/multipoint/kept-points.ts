import type { Layer, ParameterTensor } from '@bitwright/core';
import { type ChannelPoints, type FitOptions, fitChannels } from '@bitwright/quantizers';

/** The most codes that are kept, bytes: a network of a million weights at four widths. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Points fitted to layers' weights. They depend on bits and on how many a channel may have, not on the rest of a policy:
 * kept from one policy to the next, as long as there is room.
 */
export interface KeptPoints {
  fit(layer: Layer, weight: ParameterTensor, options: FitOptions): readonly ChannelPoints[];
}

export function createKeptPoints(mostBytes = MOST_BYTES): KeptPoints {
  const kept = new Map<string, readonly ChannelPoints[]>();
  let bytes = 0;
  return {
    fit: (layer, weight, options) => {
      const key = `${layer.index} ${options.bits} ${options.maximumPoints}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const points = fitChannels(weight, options);
      const size = codeBytes(weight, options);
      if (bytes + size <= mostBytes) {
        kept.set(key, points);
        bytes += size;
      }
      return points;
    },
  };
}

/** A channel is kept as one point, as two, …, each with codes of its own. */
const codeBytes = ({ values }: ParameterTensor, { maximumPoints }: FitOptions) =>
  (values.length * maximumPoints * (maximumPoints + 1)) / 2;
