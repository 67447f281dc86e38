import { roundHalfToEven } from '@bitwright/core';
import { channelSize } from '../channels.js';
import type { LinearGrid } from './grid.js';

/** The code of one value on a grid. */
export function codeOf(value: number, grid: LinearGrid): number {
  if (grid.binary) return value < 0 ? -1 : 1;
  const steps = roundHalfToEven(Math.fround(value / grid.scale));
  return Math.min(Math.max(steps, grid.lowest), grid.highest);
}

/** Codes of all values (they fit int8 when signed, uint8 when not); `dequantizeCodes` gives what `fakeQuantize` gives. */
export function quantizeToCodes(
  values: Float32Array,
  grid: LinearGrid,
  out = new Int16Array(values.length),
): Int16Array {
  for (let index = 0; index < values.length; index += 1) out[index] = codeOf(values[index] as number, grid);
  return out;
}

/** {@link quantizeToCodes} with a grid for each output channel; `values` in OIHW or `[out, in]` layout. */
export function quantizeToCodesPerChannel(values: Float32Array, grids: readonly LinearGrid[]): Int16Array {
  const size = channelSize(values.length, grids.length);
  const out = new Int16Array(values.length);
  grids.forEach((grid, channel) => {
    const start = channel * size;
    quantizeToCodes(values.subarray(start, start + size), grid, out.subarray(start, start + size));
  });
  return out;
}

/** The values that codes stand for. */
export function dequantizeCodes(
  codes: Int16Array,
  grid: LinearGrid,
  out = new Float32Array(codes.length),
): Float32Array {
  for (let index = 0; index < codes.length; index += 1) out[index] = (codes[index] as number) * grid.scale;
  return out;
}

/** {@link dequantizeCodes} with a grid for each output channel. */
export function dequantizeCodesPerChannel(codes: Int16Array, grids: readonly LinearGrid[]): Float32Array {
  const size = channelSize(codes.length, grids.length);
  const out = new Float32Array(codes.length);
  grids.forEach((grid, channel) => {
    const start = channel * size;
    dequantizeCodes(codes.subarray(start, start + size), grid, out.subarray(start, start + size));
  });
  return out;
}
