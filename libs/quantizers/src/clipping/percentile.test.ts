import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalTensor } from '../fixtures/tensors.js';
import { magnitudesAtRank } from './order-statistic.js';
import { clipThreshold } from './threshold.js';

const percentileOf = (values: Float32Array, percentile: number) =>
  clipThreshold(values, 'percentile', { bits: 8, signed: true, percentile });

describe('the percentile threshold', () => {
  it('interpolates between neighbouring magnitudes as NumPy does', () => {
    const values = Float32Array.of(-4, 1, -2, 3, 0);
    expect(percentileOf(values, 50)).toBe(2);
    expect(percentileOf(values, 90)).toBeCloseTo(3.6, 12);
    expect(percentileOf(values, 100)).toBe(4);
  });

  it('keeps the share that was asked for', () => {
    const values = normalTensor(100_000);
    const threshold = percentileOf(values, 99);
    const kept = values.filter((value) => Math.abs(value) <= threshold).length;
    expect(kept).toBe(99_000);
  });

  it.each([0, -1, 100.1, Number.NaN])('refuses %s percent', (percentile) => {
    expect(() => percentileOf(Float32Array.of(1), percentile)).toThrow(
      expect.objectContaining({ kind: 'invalid_argument', reason: 'PERCENTILE' }),
    );
  });
});

describe('a magnitude by rank', () => {
  it('is the same by counting bit patterns as by sorting', () => {
    const values = normalTensor(20_000).map((value, index) =>
      index % 3 === 0 ? 0 : value * 10 ** ((index % 70) - 40),
    );
    const sorted = values.map(Math.abs).sort();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: values.length - 2 }), (rank) => {
        expect(magnitudesAtRank(values, rank)).toEqual([sorted[rank], sorted[rank + 1]]);
      }),
      { numRuns: 30 },
    );
  });
});
