import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyTensor, DEGENERATE_TENSORS } from '../fixtures/tensors.js';
import { createHistogram, histogramOf } from './histogram.js';
import { quantilesOf } from './quantiles.js';

it('are the sorted magnitudes to within a bin', () => {
  fc.assert(
    fc.property(anyTensor, (values) => {
      const histogram = histogramOf(values);
      const sorted = values.map(Math.abs).sort();
      quantilesOf(histogram, values.length).forEach((quantile, index) => {
        expect(Math.abs(quantile - (sorted[index] as number))).toBeLessThanOrEqual(histogram.binWidth);
      });
    }),
  );
});

it.each(DEGENERATE_TENSORS)('of a tensor that is %s are ascending and within its range', (_name, values) => {
  const quantiles = quantilesOf(histogramOf(values), 100);
  expect(quantiles).toEqual(quantiles.slice().sort());
  expect(quantiles.at(-1)).toBeLessThanOrEqual(Math.max(...values.map(Math.abs)));
});

it('are zeros where nothing was counted', () => {
  expect(quantilesOf(createHistogram(), 3)).toEqual(new Float32Array(3));
});
