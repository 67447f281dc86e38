import { invalidField } from '@bitwright/core';

/**
 * Elements of one output channel of a weight in OIHW or `[out, in]` layout: the first axis is the slowest, so channel
 * `c` is the contiguous range from `c * size` to `(c + 1) * size`. Throws `invalid_argument` when it does not divide.
 */
export function channelSize(elements: number, channels: number): number {
  const size = elements / channels;
  if (channels >= 1 && Number.isInteger(channels) && Number.isInteger(size)) return size;
  throw invalidField('channels', `${elements} weights do not divide into ${channels} channels`, 'CHANNELS');
}

/** The part of each output channel, as views. */
export function channelValues(values: Float32Array, channels: number): readonly Float32Array[] {
  const size = channelSize(values.length, channels);
  return Array.from({ length: channels }, (_, channel) => values.subarray(channel * size, (channel + 1) * size));
}
