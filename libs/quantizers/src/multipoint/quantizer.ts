import type { WeightQuantizerDefinition } from '../weight-quantizer.js';
import type { PointSum } from './channel-points.js';
import { fitChannels, joinPoints } from './fit-weights.js';
import { reconstructPoints } from './multipoint-weights.js';

/** Each output channel as a sum of low-bit vectors; the same number of them everywhere, one grid a channel and point. */
export const multipointQuantizer: WeightQuantizerDefinition = {
  name: 'multipoint',
  description: 'each output channel as a sum of vectors on one low-bit grid',
  quantize(weight, { bits, points = 1 }) {
    const channels = fitChannels(weight, { bits, maximumPoints: points });
    const sums = channels.map((found) => found[points - 1] as PointSum);
    const multipoint = joinPoints(bits, sums);
    return { kind: 'multipoint', multipoint, values: reconstructPoints(multipoint) };
  },
};
