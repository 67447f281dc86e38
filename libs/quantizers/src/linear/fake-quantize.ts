import { channelSize } from '../channels.js';
import type { LinearGrid } from './grid.js';

/** Adding and subtracting 1.5 * 2^52 rounds a float64 half to even, in two additions and without a branch. */
const ROUNDING_BIAS = 6755399441055744;

/**
 * Rounds each value to the nearest point of the grid: clip, round half to even, scale back, in float32 as ONNX's
 * QuantizeLinear and DequantizeLinear do. `out` may be `values` itself. NaN stays NaN on a grid that is not binary.
 */
export function fakeQuantize(
  values: Float32Array,
  grid: LinearGrid,
  out = new Float32Array(values.length),
): Float32Array {
  fakeQuantizeRange(values, grid, out, 0, values.length);
  return out;
}

/** {@link fakeQuantize} with a grid for each output channel; `values` in OIHW or `[out, in]` layout. */
export function fakeQuantizePerChannel(
  values: Float32Array,
  grids: readonly LinearGrid[],
  out = new Float32Array(values.length),
): Float32Array {
  const size = channelSize(values.length, grids.length);
  grids.forEach((grid, channel) => {
    fakeQuantizeRange(values, grid, out, channel * size, (channel + 1) * size);
  });
  return out;
}

function fakeQuantizeRange(
  values: Float32Array,
  grid: LinearGrid,
  out: Float32Array,
  start: number,
  end: number,
): void {
  const { scale, lowest, highest, binary } = grid;
  if (binary) {
    for (let index = start; index < end; index += 1) out[index] = (values[index] as number) < 0 ? -scale : scale;
    return;
  }
  for (let index = start; index < end; index += 1) {
    const steps = Math.fround((values[index] as number) / scale);
    const clipped = Math.min(Math.max(steps, lowest), highest);
    out[index] = (clipped + ROUNDING_BIAS - ROUNDING_BIAS) * scale;
  }
}
