import type { WeightQuantizerDefinition } from '../weight-quantizer.js';
import { fitChannels, selectPoints } from './fit-weights.js';
import { reconstructPoints } from './multipoint-weights.js';

/** Each output channel as a sum of low-bit vectors; the same number of them everywhere, one grid a channel and point. */
export const multipointQuantizer: WeightQuantizerDefinition = {
  name: 'multipoint',
  description: 'each output channel as a sum of vectors on one low-bit grid',
  quantize(weight, { bits, points = 1 }) {
    const channels = fitChannels(weight, { bits, maximumPoints: points });
    const multipoint = selectPoints(bits, channels, new Uint8Array(channels.length).fill(points));
    return { kind: 'multipoint', multipoint, values: reconstructPoints(multipoint) };
  },
};
