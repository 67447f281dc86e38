import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTensor, anyUnsignedTensor, normalTensor, squaredError } from '../fixtures/tensors.js';
import { fakeQuantize } from '../linear/fake-quantize.js';
import { linearGrid, SMALLEST_SCALE } from '../linear/grid.js';
import { clipThreshold } from './threshold.js';

function leastError(values: Float32Array, bits: number, signed: boolean): number {
  const threshold = clipThreshold(values, 'mean-squared-error', { bits, signed });
  return squaredError(values, fakeQuantize(values, linearGrid(threshold, bits, signed)));
}

function expectNoGrowth(values: Float32Array, signed: boolean): void {
  // Float32 scales are rounded, and never below the smallest normal number.
  const rounding = squaredError(values, new Float32Array(values.length)) * 1e-6 + values.length * SMALLEST_SCALE ** 2;
  let before = leastError(values, 1, signed);
  for (let bits = 2; bits <= 8; bits += 1) {
    const error = leastError(values, bits, signed);
    expect(error).toBeLessThanOrEqual(before + rounding);
    before = error;
  }
}

describe('the threshold of least squared error', () => {
  it('does not err more with more bits, signed', () => {
    fc.assert(fc.property(anyTensor, (values) => expectNoGrowth(values, true)));
  });

  it('does not err more with more bits, unsigned', () => {
    fc.assert(fc.property(anyUnsignedTensor, (values) => expectNoGrowth(values, false)));
  });

  it('never errs more than the maximum does', () => {
    fc.assert(
      fc.property(anyTensor, fc.integer({ min: 2, max: 8 }), (values, bits) => {
        const maximum = clipThreshold(values, 'maximum', { bits, signed: true });
        const error = squaredError(values, fakeQuantize(values, linearGrid(maximum, bits, true)));
        expect(leastError(values, bits, true)).toBeLessThanOrEqual(error * (1 + 1e-6));
      }),
    );
  });

  // Found by integrating the squared error of 3 and 15 evenly spaced levels over the normal density.
  it.each([
    [2, 1.225, 0.19017],
    [4, 2.475, 0.012889],
  ])('finds the known optimum of a normal distribution at %i bits', (bits, threshold, distortion) => {
    const values = normalTensor(100_000);
    const found = clipThreshold(values, 'mean-squared-error', { bits, signed: true });
    expect(Math.abs(found / threshold - 1)).toBeLessThan(0.04);
    expect(Math.abs(leastError(values, bits, true) / values.length / distortion - 1)).toBeLessThan(0.03);
  });

  it('keeps a tensor that already lies on a grid', () => {
    const values = Float32Array.of(-3, -2, -1, 0, 1, 2, 3).map((code) => code * 0.125);
    for (let bits = 3; bits <= 8; bits += 1) expect(leastError(values, bits, true)).toBeLessThan(1e-12);
  });

  it('cuts off an outlier that would cost all others their precision', () => {
    const values = normalTensor(10_000);
    values[0] = 40;
    expect(clipThreshold(values, 'mean-squared-error', { bits: 4, signed: true })).toBeLessThan(5);
  });
});
