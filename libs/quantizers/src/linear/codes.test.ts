import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBits, anyTensor } from '../fixtures/tensors.js';
import {
  codeOf,
  dequantizeCodes,
  dequantizeCodesPerChannel,
  quantizeToCodes,
  quantizeToCodesPerChannel,
} from './codes.js';
import { fakeQuantize, fakeQuantizePerChannel } from './fake-quantize.js';
import { linearGrid, linearGrids } from './grid.js';

const anyThreshold = fc.float({ min: Math.fround(1e-30), max: 1e6, noNaN: true });

describe('codes', () => {
  it('are steps from zero', () => {
    const grid = linearGrid(7, 4, true);
    expect(Array.from(quantizeToCodes(Float32Array.of(-9, -2.5, 0.5, 3.2), grid))).toEqual([-7, -2, 0, 3]);
    expect(codeOf(-0.1, linearGrid(1, 1, true))).toBe(-1);
  });

  it('lie in the range of their bits', () => {
    fc.assert(
      fc.property(anyTensor, anyThreshold, anyBits, fc.boolean(), (values, threshold, bits, signed) => {
        const grid = linearGrid(threshold, bits, signed);
        const codes = quantizeToCodes(values, grid);
        expect(codes.every((code) => code >= grid.lowest && code <= grid.highest)).toBe(true);
        expect(new Set(codes).size).toBeLessThanOrEqual(2 ** bits);
      }),
    );
  });

  it('stand for what fake quantization gives', () => {
    fc.assert(
      fc.property(anyTensor, anyThreshold, anyBits, fc.boolean(), (values, threshold, bits, signed) => {
        const grid = linearGrid(threshold, bits, signed);
        expect(dequantizeCodes(quantizeToCodes(values, grid), grid)).toEqual(fakeQuantize(values, grid));
      }),
    );
  });

  it('stand for what fake quantization gives per channel too', () => {
    const values = Float32Array.of(-0.6, 1.4, 5, 0.6, 1.4, -20);
    const grids = linearGrids([7, 14], 4, true);
    const codes = quantizeToCodesPerChannel(values, grids);
    expect(Array.from(codes)).toEqual([-1, 1, 5, 0, 1, -7]);
    expect(dequantizeCodesPerChannel(codes, grids)).toEqual(fakeQuantizePerChannel(values, grids));
  });
});
