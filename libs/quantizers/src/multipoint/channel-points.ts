import { without } from './vectors.js';

/** Points that stand for a channel together: the sum of coefficient x codes. */
export type PointSum = { readonly codes: readonly Int8Array[]; readonly coefficients: Float32Array };

/** A channel as one point, as two, …: `[n - 1]` is what was found with n of them. */
export type ChannelPoints = readonly PointSum[];

/** What the points leave of a channel. */
export function residualOf(channel: Float32Array, { codes, coefficients }: PointSum): Float64Array {
  return without(channel, codes, coefficients);
}
