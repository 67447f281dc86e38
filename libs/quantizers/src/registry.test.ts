import { createRandomSource, type ParameterTensor } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { CLIP_METHODS } from './clipping/clip-rule.js';
import { CLIP_RULES } from './clipping/registry.js';
import { DEGENERATE_TENSORS, normalTensor, squaredError } from './fixtures/tensors.js';
import { findWeightQuantizer, WEIGHT_QUANTIZERS } from './registry.js';

const options = (bits: number, granularity: 'per-tensor' | 'per-channel' = 'per-tensor') =>
  ({ bits, granularity, clipping: 'mean-squared-error', random: createRandomSource(1) }) as const;

const weight: ParameterTensor = { shape: [16, 8, 3, 3], values: normalTensor(16 * 8 * 9) };

describe.each(Object.values(WEIGHT_QUANTIZERS))('the $name quantizer', (quantizer) => {
  it('is found by its name', () => {
    expect(findWeightQuantizer(quantizer.name)).toBe(quantizer);
  });

  it('uses at most two to the power of its bits distinct values in a channel', () => {
    for (let bits = 1; bits <= 8; bits += 1) {
      const { values } = quantizer.quantize(weight, options(bits));
      for (let start = 0; start < values.length; start += 72)
        expect(new Set(values.subarray(start, start + 72)).size).toBeLessThanOrEqual(2 ** bits);
    }
  });

  it.runIf(quantizer.name !== 'multipoint')('shares them over the tensor', () => {
    for (let bits = 1; bits <= 8; bits += 1) {
      const { values } = quantizer.quantize(weight, options(bits));
      expect(new Set(values).size).toBeLessThanOrEqual(2 ** bits);
    }
  });

  it('errs less with more bits', () => {
    const errors = [1, 2, 3, 4, 5, 6, 7, 8].map((bits) =>
      squaredError(weight.values, quantizer.quantize(weight, options(bits)).values),
    );
    expect(errors).toEqual(errors.slice().sort((a, b) => b - a));
  });

  it('leaves its input as it was', () => {
    quantizer.quantize(weight, options(3));
    expect(weight.values).toEqual(normalTensor(weight.values.length));
  });

  it.each(DEGENERATE_TENSORS)('is finite for a weight that is %s', (_name, values) => {
    for (let bits = 1; bits <= 8; bits += 1) {
      const quantized = quantizer.quantize({ shape: [values.length, 1], values }, options(bits, 'per-channel'));
      expect(quantized.values.every(Number.isFinite)).toBe(true);
    }
  });

  it('refuses NaN', () => {
    const broken = { shape: [2, 1], values: Float32Array.of(1, Number.NaN) };
    expect(() => quantizer.quantize(broken, options(4))).toThrow(expect.objectContaining({ reason: 'NOT_FINITE' }));
  });
});

describe('the linear quantizer', () => {
  it('has one grid for the tensor, or one for each output channel', () => {
    const perTensor = WEIGHT_QUANTIZERS.linear.quantize(weight, options(4));
    const perChannel = WEIGHT_QUANTIZERS.linear.quantize(weight, options(4, 'per-channel'));
    expect(perTensor.kind === 'linear' && perTensor.grids.length).toBe(1);
    expect(perChannel.kind === 'linear' && perChannel.grids.length).toBe(16);
  });
});

describe('the registries', () => {
  it('name every clip rule as it names itself', () => {
    expect(Object.values(CLIP_RULES).map(({ name }) => name)).toEqual([...CLIP_METHODS]);
  });

  it('refuse an unknown quantizer and say which there are', () => {
    expect(() => findWeightQuantizer('log')).toThrow('"log" is none of linear, k-means, multipoint');
  });
});
