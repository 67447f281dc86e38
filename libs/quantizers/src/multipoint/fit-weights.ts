import type { ParameterTensor } from '@bitwright/core';
import { channelSize } from '../channels.js';
import { type ChannelPoints, fitChannel } from './fit-channel.js';
import type { MultipointWeights } from './multipoint-weights.js';

export type FitWeightsOptions = {
  readonly bits: number;
  readonly maximumPoints: number;
  /** Covariance of what each output channel reads; see `FitOptions`. */
  readonly covarianceOf?: ((channel: number) => Float64Array) | undefined;
};

/** The points of every output channel of a weight in OIHW or `[out, in]` layout. */
export function fitChannels(
  { shape, values }: ParameterTensor,
  { bits, maximumPoints, covarianceOf }: FitWeightsOptions,
): readonly ChannelPoints[] {
  const channels = shape[0] ?? 1;
  const size = channelSize(values.length, channels);
  return Array.from({ length: channels }, (_, channel) =>
    fitChannel(values.subarray(channel * size, (channel + 1) * size), {
      bits,
      maximumPoints,
      covariance: covarianceOf?.(channel),
    }),
  );
}

/** The weight with the first `counts[c]` points of each channel c. */
export function selectPoints(bits: number, channels: readonly ChannelPoints[], counts: Uint8Array): MultipointWeights {
  const size = channels[0]?.codes[0]?.length ?? 0;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const codes = new Int8Array(total * size);
  const coefficients = new Float32Array(total);
  let point = 0;
  channels.forEach((channel, index) => {
    const count = counts[index] as number;
    coefficients.set(channel.coefficients[count - 1] as Float32Array, point);
    for (const row of channel.codes.slice(0, count)) codes.set(row, size * point++);
  });
  return { bits, counts, codes, coefficients };
}
