import type { ParameterTensor } from '@bitwright/core';
import { channelValues } from '../channels.js';
import type { ChannelPoints, PointSum } from './channel-points.js';
import { type FitOptions, fitChannel } from './fit-channel.js';
import type { MultipointWeights } from './multipoint-weights.js';

/** The points of every output channel of a weight in OIHW or `[out, in]` layout. */
export function fitChannels({ shape, values }: ParameterTensor, options: FitOptions): readonly ChannelPoints[] {
  return channelValues(values, shape[0] ?? 1).map((channel) => fitChannel(channel, options));
}

/** The weight whose channels are these sums, each of as many points as it has. */
export function joinPoints(bits: number, sums: readonly PointSum[]): MultipointWeights {
  const size = sums[0]?.codes[0]?.length ?? 0;
  const counts = Uint8Array.from(sums, (sum) => sum.codes.length);
  const rows = sums.flatMap((sum) => sum.codes);
  const codes = new Int8Array(rows.length * size);
  rows.forEach((row, point) => {
    codes.set(row, point * size);
  });
  const coefficients = Float32Array.from(sums.flatMap((sum) => Array.from(sum.coefficients)));
  return { bits, counts, codes, coefficients };
}

/** The sum of points that each channel is, as views: what `joinPoints` joined. */
export function splitPoints({ counts, codes, coefficients }: MultipointWeights): readonly PointSum[] {
  const size = codes.length / Math.max(1, coefficients.length);
  const rows = Array.from(coefficients, (_, point) => codes.subarray(point * size, (point + 1) * size));
  let end = 0;
  return Array.from(counts, (count) => {
    end += count;
    return { codes: rows.slice(end - count, end), coefficients: coefficients.subarray(end - count, end) };
  });
}
