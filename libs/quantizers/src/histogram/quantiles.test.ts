import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyTensor, DEGENERATE_TENSORS } from '../fixtures/tensors.js';
import { createHistogram, histogramOf } from './histogram.js';
import { quantilesOf } from './quantiles.js';

/** In the middle of so many equal parts. */
const middles = (count: number) => Array.from({ length: count }, (_, index) => (index + 0.5) / count);

it('are the sorted magnitudes to within a bin', () => {
  fc.assert(
    fc.property(anyTensor, (values) => {
      const histogram = histogramOf(values);
      const sorted = values.map(Math.abs).sort();
      quantilesOf(histogram, middles(values.length)).forEach((quantile, index) => {
        expect(Math.abs(quantile - (sorted[index] as number))).toBeLessThanOrEqual(histogram.binWidth);
      });
    }),
  );
});

it.each(DEGENERATE_TENSORS)('of a tensor that is %s are ascending and within its range', (_name, values) => {
  const quantiles = quantilesOf(histogramOf(values), middles(100));
  expect(quantiles).toEqual(quantiles.toSorted((a, b) => a - b));
  expect(quantiles.at(-1)).toBeLessThanOrEqual(Math.max(...values.map(Math.abs)));
});

it('are zeros where nothing was counted', () => {
  expect(quantilesOf(createHistogram(), middles(3))).toEqual([0, 0, 0]);
});
