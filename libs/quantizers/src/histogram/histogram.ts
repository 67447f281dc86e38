import { invalidField } from '@bitwright/core';
import { measureMagnitudes } from '../magnitudes.js';

/**
 * Counts of |x| in equal bins from 0, filled batch by batch: bin `i` holds `i * binWidth <= |x| < (i + 1) * binWidth`.
 * The width is a power of two, so that a range that grows merges neighbouring bins exactly: the result does not depend
 * on the order of the batches.
 */
export type Histogram = {
  readonly counts: Float64Array;
  /** 0 until something other than zero was added. */
  binWidth: number;
  /** Values added. */
  total: number;
  /** Largest |x|, exact. */
  maximum: number;
  /** Sum of |x|. */
  sum: number;
};

/** An empty histogram; `bins` must be even. 4096 bins leave at least 2048 over the range that was seen. */
export function createHistogram(bins = 4096): Histogram {
  if (!Number.isInteger(bins) || bins < 2 || bins % 2 !== 0)
    throw invalidField('bins', `is ${bins}; use an even number`);
  return { counts: new Float64Array(bins), binWidth: 0, total: 0, maximum: 0, sum: 0 };
}

/** Adds a batch to the histogram in place. Throws `invalid_argument` `NOT_FINITE` for NaN or infinity, adding nothing. */
export function addToHistogram(histogram: Histogram, values: Float32Array): void {
  const { maximum, mean } = measureMagnitudes(values);
  growToHold(histogram, maximum);
  countInto(histogram.counts, values, histogram.binWidth);
  histogram.total += values.length;
  histogram.sum += mean * values.length;
  histogram.maximum = Math.max(histogram.maximum, maximum);
}

/** The histogram of one tensor. */
export function histogramOf(values: Float32Array, bins?: number): Histogram {
  const histogram = createHistogram(bins);
  addToHistogram(histogram, values);
  return histogram;
}

/** Doubles the bins' width until `maximum` falls inside; an untouched width starts as small as holds it. */
function growToHold(histogram: Histogram, maximum: number): void {
  const bins = histogram.counts.length;
  if (maximum === 0) return;
  if (histogram.binWidth === 0) histogram.binWidth = smallestWidth(maximum, bins);
  while (maximum >= histogram.binWidth * bins) {
    mergePairs(histogram.counts);
    histogram.binWidth *= 2;
  }
}

/** The smallest power of two with `maximum < bins * width`. */
function smallestWidth(maximum: number, bins: number): number {
  const width = 2 ** Math.floor(Math.log2(maximum / bins));
  return maximum < width * bins ? width : width * 2;
}

function mergePairs(counts: Float64Array): void {
  const half = counts.length / 2;
  for (let bin = 0; bin < half; bin += 1) {
    counts[bin] = (counts[2 * bin] as number) + (counts[2 * bin + 1] as number);
  }
  counts.fill(0, half);
}

function countInto(counts: Float64Array, values: Float32Array, binWidth: number): void {
  // A power of two's inverse is exact; an empty range puts everything (zeros) into the first bin.
  const perUnit = binWidth === 0 ? 0 : 1 / binWidth;
  for (let index = 0; index < values.length; index += 1) {
    const bin = Math.floor(Math.abs(values[index] as number) * perUnit);
    counts[bin] = (counts[bin] as number) + 1;
  }
}
