import { createRandomSource } from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTensor, DEGENERATE_TENSORS } from '../fixtures/tensors.js';
import { fitLevels } from './fit-levels.js';
import { quantizeToLevels } from './nearest-level.js';

const errorOf = (values: Float32Array, levels: Float32Array) =>
  quantizeToLevels(values, levels).reduce((sum, level, at) => sum + (level - (values[at] as number)) ** 2, 0) /
  values.length;

describe('levels fitted to values', () => {
  it('miss normal values as little as the best quantizer does (Max 1960, table I)', () => {
    const random = createRandomSource(3);
    const values = Float32Array.from({ length: 200_000 }, () => random.normal());
    const errors = [2, 3, 4].map((bits) => errorOf(values, fitLevels(values, bits).levels));
    [0.1175, 0.03454, 0.009497].forEach((best, index) => {
      expect((errors[index] as number) / best).toBeCloseTo(1, 1);
    });
  });

  it('are ascending, as many as asked for, within the values, all gates open', () => {
    fc.assert(
      fc.property(anyTensor, fc.integer({ min: 1, max: 6 }), (values, bits) => {
        const { levels, scores } = fitLevels(values, bits);
        expect(levels).toHaveLength(2 ** bits);
        expect(levels).toEqual(levels.slice().sort());
        const rounding = 1e-6 * Math.max(...values.map(Math.abs));
        expect(levels[0]).toBeGreaterThanOrEqual(Math.min(...values) - rounding);
        expect(scores).toEqual(new Float32Array(bits).fill(0.5));
      }),
    );
  });

  it.each(DEGENERATE_TENSORS)('have a range for a tensor that is %s', (_name, values) => {
    const { levels } = fitLevels(values, 3);
    expect(levels.at(-1)).toBeGreaterThan(levels[0] as number);
  });

  it('are the values themselves where there are few enough, and refuse what is none', () => {
    const values = Float32Array.of(3, -1, 3, 0.5, -1);
    expect(errorOf(values, fitLevels(values, 2).levels)).toBe(0);
    expect(() => fitLevels(new Float32Array(0), 2)).toThrow('values');
    expect(() => fitLevels(Float32Array.of(1, Number.NaN), 2)).toThrow('NaN');
  });
});
