import type { Granularity, ParameterTensor } from '@bitwright/core';
import type { ClipMethod } from '../clipping/clip-rule.js';
import { clipThreshold, clipThresholdsPerChannel } from '../clipping/threshold.js';
import { type LinearGrid, linearGrids } from './grid.js';

export type WeightGridOptions = {
  /** 1..8; layers left in float are the caller's business. */
  readonly bits: number;
  readonly granularity: Granularity;
  readonly clipping: ClipMethod;
};

/**
 * Grids for a weight in OIHW or `[out, in]` layout: one when per tensor, one per entry of the first axis otherwise. Throws
 * `invalid_argument` for NaN or infinity.
 */
export function weightGrids(
  { shape, values }: ParameterTensor,
  { bits, granularity, clipping }: WeightGridOptions,
): readonly LinearGrid[] {
  const target = { bits, signed: true };
  if (granularity === 'per-tensor') return linearGrids([clipThreshold(values, clipping, target)], bits, true);
  return linearGrids(clipThresholdsPerChannel(values, shape[0] ?? 1, clipping, target), bits, true);
}
