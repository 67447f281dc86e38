import { createRandomSource, type ParameterTensor } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { CLIP_METHODS } from './clipping/clip-rule.js';
import { CLIP_RULES } from './clipping/registry.js';
import { DEGENERATE_TENSORS, normalTensor, squaredError } from './fixtures/tensors.js';
import { FINAL_ITERATIONS, fitCodebook, reconstruct } from './k-means/codebook.js';
import { fakeQuantizePerChannel } from './linear/fake-quantize.js';
import { weightGrids } from './linear/weight-grids.js';
import type { PointSum } from './multipoint/channel-points.js';
import { fitChannels, joinPoints } from './multipoint/fit-weights.js';
import { reconstructPoints } from './multipoint/multipoint-weights.js';

type Granularity = 'per-tensor' | 'per-channel';
type Quantize = (weight: ParameterTensor, bits: number, granularity?: Granularity) => Float32Array;

const gridsOf = (tensor: ParameterTensor, bits: number, granularity: Granularity) =>
  weightGrids(tensor, { bits, granularity, clipping: 'mean-squared-error' });

/** Every way to quantize weights: the values that it gives. */
const QUANTIZERS: readonly (readonly [name: string, quantize: Quantize])[] = [
  [
    'linear',
    (tensor, bits, granularity = 'per-tensor') =>
      fakeQuantizePerChannel(tensor.values, gridsOf(tensor, bits, granularity)),
  ],
  ['k-means', ({ values }, bits) => reconstruct(fitCodebook(values, bits, createRandomSource(1), FINAL_ITERATIONS))],
  [
    'multipoint',
    (tensor, bits) => {
      const channels = fitChannels(tensor, { bits, maximumPoints: 1 });
      return reconstructPoints(
        joinPoints(
          bits,
          channels.map(([first]) => first as PointSum),
        ),
      );
    },
  ],
];

const weight: ParameterTensor = { shape: [16, 8, 3, 3], values: normalTensor(16 * 8 * 9) };

describe.each(QUANTIZERS)('%s quantization', (name, quantize) => {
  it('uses at most two to the power of its bits distinct values in a channel', () => {
    for (let bits = 1; bits <= 8; bits += 1) {
      const values = quantize(weight, bits);
      for (let start = 0; start < values.length; start += 72)
        expect(new Set(values.subarray(start, start + 72)).size).toBeLessThanOrEqual(2 ** bits);
    }
  });

  it.runIf(name !== 'multipoint')('shares them over the tensor', () => {
    for (let bits = 1; bits <= 8; bits += 1) {
      const values = quantize(weight, bits);
      expect(new Set(values).size).toBeLessThanOrEqual(2 ** bits);
    }
  });

  it('errs less with more bits', () => {
    const errors = [1, 2, 3, 4, 5, 6, 7, 8].map((bits) => squaredError(weight.values, quantize(weight, bits)));
    expect(errors).toEqual(errors.slice().sort((a, b) => b - a));
  });

  it('leaves its input as it was', () => {
    quantize(weight, 3);
    expect(weight.values).toEqual(normalTensor(weight.values.length));
  });

  it.each(DEGENERATE_TENSORS)('is finite for a weight that is %s', (_name, values) => {
    for (let bits = 1; bits <= 8; bits += 1) {
      const quantized = quantize({ shape: [values.length, 1], values }, bits, 'per-channel');
      expect(quantized.every(Number.isFinite)).toBe(true);
    }
  });

  it('refuses NaN', () => {
    const broken = { shape: [2, 1], values: Float32Array.of(1, Number.NaN) };
    expect(() => quantize(broken, 4)).toThrow(expect.objectContaining({ reason: 'NOT_FINITE' }));
  });
});

it('the linear quantizer has one grid for the tensor, or one for each output channel', () => {
  expect(gridsOf(weight, 4, 'per-tensor')).toHaveLength(1);
  expect(gridsOf(weight, 4, 'per-channel')).toHaveLength(16);
});

it('every clip rule is registered by the name that it gives itself', () => {
  expect(Object.values(CLIP_RULES).map(({ name }) => name)).toEqual([...CLIP_METHODS]);
});
