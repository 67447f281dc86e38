import type { ParameterTensor } from '@bitwright/core';
import { channelSize } from '../channels.js';
import type { ChannelPoints, PointSum } from './channel-points.js';
import { type FitOptions, fitChannel } from './fit-channel.js';
import type { MultipointWeights } from './multipoint-weights.js';

/** The points of every output channel of a weight in OIHW or `[out, in]` layout. */
export function fitChannels({ shape, values }: ParameterTensor, options: FitOptions): readonly ChannelPoints[] {
  const channels = shape[0] ?? 1;
  const size = channelSize(values.length, channels);
  return Array.from({ length: channels }, (_, channel) =>
    fitChannel(values.subarray(channel * size, (channel + 1) * size), options),
  );
}

/** The weight with `counts[c]` points for each channel c. */
export function selectPoints(bits: number, channels: readonly ChannelPoints[], counts: Uint8Array): MultipointWeights {
  const size = channels[0]?.[0]?.codes[0]?.length ?? 0;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const codes = new Int8Array(total * size);
  const coefficients = new Float32Array(total);
  let point = 0;
  channels.forEach((channel, index) => {
    const sum = channel[(counts[index] as number) - 1] as PointSum;
    coefficients.set(sum.coefficients, point);
    for (const row of sum.codes) codes.set(row, size * point++);
  });
  return { bits, counts, codes, coefficients };
}
