import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { summarizeSamples } from './sample-summary.js';

describe('a summary of samples', () => {
  it('is their median and interquartile range, as NumPy gives them', () => {
    // numpy.percentile([1, 2, 4, 8], [25, 50, 75]) is [1.75, 3, 5].
    expect(summarizeSamples([8, 1, 4, 2])).toEqual({ median: 3, spread: 3.25, count: 4, outliers: 0 });
  });

  it('leaves out what lies far off, and says how many', () => {
    const summary = summarizeSamples([10, 10.1, 9.9, 10.05, 9.95, 250]);
    expect(summary).toMatchObject({ median: 10, count: 5, outliers: 1 });
    expect(summary.spread).toBeCloseTo(0.1, 9);
  });

  it('keeps everything where most samples are equal, or where there are few', () => {
    expect(summarizeSamples([5, 5, 5, 5, 9]).outliers).toBe(0);
    expect(summarizeSamples([1, 100]).count).toBe(2);
    expect(summarizeSamples([7])).toEqual({ median: 7, spread: undefined, count: 1, outliers: 0 });
  });

  it('lies between the least and the most, in whatever order they come', () => {
    const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(positive, { minLength: 1, maxLength: 40 }), (samples) => {
        const summary = summarizeSamples(samples);
        expect(summary.median).toBeGreaterThanOrEqual(Math.min(...samples));
        expect(summary.median).toBeLessThanOrEqual(Math.max(...samples));
        expect(summary.count + summary.outliers).toBe(samples.length);
        expect(summarizeSamples([...samples].reverse())).toEqual(summary);
      }),
    );
  });

  it('is refused for none', () => {
    expect(() => summarizeSamples([])).toThrow(RangeError);
  });
});
