import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyTensor, DEGENERATE_TENSORS } from '../fixtures/tensors.js';
import { addToHistogram, createHistogram, histogramOf } from './histogram.js';

const total = (counts: Float64Array) => counts.reduce((sum, count) => sum + count, 0);

describe('a running histogram', () => {
  it('counts magnitudes in bins whose width is a power of two', () => {
    const histogram = histogramOf(Float32Array.of(0, -0.5, 1, 3.5, -3.9), 4);
    expect(histogram.binWidth).toBe(1);
    expect(Array.from(histogram.counts)).toEqual([2, 1, 0, 2]);
    expect(histogram.maximum).toBe(Math.fround(3.9));
    expect(histogram.sum).toBeCloseTo(8.9, 6);
  });

  it('merges neighbouring bins when the range grows', () => {
    const histogram = histogramOf(Float32Array.of(0, 1, 2, 3), 4);
    addToHistogram(histogram, Float32Array.of(4));
    expect(histogram.binWidth).toBe(2);
    expect(Array.from(histogram.counts)).toEqual([2, 2, 1, 0]);
  });

  it('holds zeros before it has a range', () => {
    const histogram = createHistogram(4);
    addToHistogram(histogram, new Float32Array(3));
    expect(histogram.binWidth).toBe(0);
    addToHistogram(histogram, Float32Array.of(3));
    expect(Array.from(histogram.counts)).toEqual([3, 0, 0, 1]);
  });

  it('does not depend on the order of the batches', () => {
    fc.assert(
      fc.property(anyTensor, anyTensor, (first, second) => {
        const [one, other] = [createHistogram(16), createHistogram(16)];
        for (const batch of [first, second]) addToHistogram(one, batch);
        for (const batch of [second, first]) addToHistogram(other, batch);
        expect(one.counts).toEqual(other.counts);
        expect(one.binWidth).toBe(other.binWidth);
      }),
    );
  });

  it.each(DEGENERATE_TENSORS)('counts every value of a tensor that is %s', (_name, values) => {
    const histogram = histogramOf(values);
    expect(total(histogram.counts)).toBe(values.length);
    expect(histogram.maximum).toBeLessThanOrEqual(histogram.binWidth * histogram.counts.length);
  });

  it('refuses NaN and stays as it was', () => {
    const histogram = histogramOf(Float32Array.of(1), 4);
    expect(() => addToHistogram(histogram, Float32Array.of(9, Number.NaN))).toThrow(
      expect.objectContaining({ reason: 'NOT_FINITE' }),
    );
    expect(histogram.total).toBe(1);
    expect(histogram.binWidth).toBe(histogramOf(Float32Array.of(1), 4).binWidth);
  });

  it('refuses an odd number of bins', () => {
    expect(() => createHistogram(5)).toThrow(expect.objectContaining({ kind: 'invalid_argument' }));
  });
});
