import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundHalfToEven } from './rounding.js';

describe('rounding half to even', () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [3.5, 4],
    [-0.5, 0],
    [-1.5, -2],
    [-2.5, -2],
    [-3.5, -4],
    [2.4999999999999996, 2],
    [-2.5000000000000004, -3],
    [0.49999999999999994, 0],
    [-0.49999999999999994, 0],
    [-0.3, 0],
    [-0.7, -1],
    [7, 7],
    [2 ** 52 + 1, 2 ** 52 + 1],
    [-(2 ** 53), -(2 ** 53)],
  ])('takes %d to %d', (value, rounded) => {
    expect(roundHalfToEven(value) + 0).toBe(rounded);
  });

  it('passes on what has no nearest whole number', () => {
    expect(roundHalfToEven(Number.NaN)).toBeNaN();
    expect(roundHalfToEven(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(roundHalfToEven(Number.NEGATIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('gives a whole number at most a half away, and an even one at exactly a half', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
        const rounded = roundHalfToEven(value);
        expect(Number.isInteger(rounded)).toBe(true);
        expect(Math.abs(rounded - value)).toBeLessThanOrEqual(0.5);
        if (Math.abs(rounded - value) === 0.5) expect(Math.abs(rounded % 2)).toBe(0);
      }),
    );
  });

  it('is symmetric about zero', () => {
    const anyHalf = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((halves) => halves / 2);
    fc.assert(
      fc.property(anyHalf, (value) => {
        expect(roundHalfToEven(-value) + roundHalfToEven(value)).toBe(0);
      }),
    );
  });
});
