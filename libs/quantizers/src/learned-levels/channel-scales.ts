import { channelSize } from '../channels.js';

/** The largest magnitude of each output channel (OIHW, OI); 1 for a channel of zeros. */
export function channelScales(values: Float32Array, channels: number): Float32Array {
  const size = channelSize(values.length, channels);
  const largest = new Float32Array(channels);
  values.forEach((value, index) => {
    const channel = Math.floor(index / size);
    largest[channel] = Math.max(largest[channel] as number, Math.abs(value));
  });
  return largest.map((scale) => (scale > 0 ? scale : 1));
}

/** Each output channel over its scale, in single precision. */
export function overScales(values: Float32Array, scales: Float32Array): Float32Array {
  return withScales(values, scales, (value, scale) => value / scale);
}

/** Each output channel times its scale, in single precision. */
export function timesScales(values: Float32Array, scales: Float32Array): Float32Array {
  return withScales(values, scales, (value, scale) => value * scale);
}

function withScales(
  values: Float32Array,
  scales: Float32Array,
  combine: (value: number, scale: number) => number,
): Float32Array {
  const size = channelSize(values.length, scales.length);
  return values.map((value, index) => combine(value, scales[Math.floor(index / size)] as number));
}
