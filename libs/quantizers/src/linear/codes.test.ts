import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBits, anyTensor } from '../fixtures/tensors.js';
import { codeOf } from './codes.js';
import { fakeQuantize } from './fake-quantize.js';
import { linearGrid } from './grid.js';

const anyThreshold = fc.float({ min: Math.fround(1e-30), max: 1e6, noNaN: true });

describe('codes', () => {
  it('are steps from zero', () => {
    const grid = linearGrid(7, 4, true);
    expect([-9, -2.5, 0.5, 3.2].map((value) => codeOf(value, grid) + 0)).toEqual([-7, -2, 0, 3]);
    expect(codeOf(-0.1, linearGrid(1, 1, true))).toBe(-1);
  });

  it('lie in the range of their bits, and stand for what fake quantization gives', () => {
    fc.assert(
      fc.property(anyTensor, anyThreshold, anyBits, fc.boolean(), (values, threshold, bits, signed) => {
        const grid = linearGrid(threshold, bits, signed);
        const codes = Int16Array.from(values, (value) => codeOf(value, grid));
        expect(codes.every((code) => code >= grid.lowest && code <= grid.highest)).toBe(true);
        expect(new Set(codes).size).toBeLessThanOrEqual(2 ** bits);
        expect(Float32Array.from(codes, (code) => code * grid.scale)).toEqual(fakeQuantize(values, grid));
      }),
    );
  });
});
