import type { ParameterTensor } from '@bitwright/core';
import { clipThreshold, clipThresholdsPerChannel } from '../clipping/threshold.js';
import type { WeightQuantizationOptions, WeightQuantizerDefinition } from '../weight-quantizer.js';
import { fakeQuantizePerChannel } from './fake-quantize.js';
import { type LinearGrid, linearGrids } from './grid.js';

/** Symmetric uniform quantization of weights, one grid per tensor or per output channel. */
export const linearQuantizer: WeightQuantizerDefinition = {
  name: 'linear',
  description: 'evenly spaced levels, symmetric about zero; the step from a clip threshold',
  quantize(weight, options) {
    const grids = weightGrids(weight, options);
    return { kind: 'linear', grids, values: fakeQuantizePerChannel(weight.values, grids) };
  },
};

/** Grids for a weight in OIHW or `[out, in]` layout: one when per tensor, one per entry of the first axis otherwise. */
export function weightGrids(
  { shape, values }: ParameterTensor,
  { bits, granularity, clipping }: Pick<WeightQuantizationOptions, 'bits' | 'granularity' | 'clipping'>,
): readonly LinearGrid[] {
  const target = { bits, signed: true };
  if (granularity === 'per-tensor') return linearGrids([clipThreshold(values, clipping, target)], bits, true);
  return linearGrids(clipThresholdsPerChannel(values, shape[0] ?? 1, clipping, target), bits, true);
}
