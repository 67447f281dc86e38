import { invalidField } from '@bitwright/core';
import type { Histogram } from '../histogram/histogram.js';
import { type ClipRule, type ClipTarget, DEFAULT_PERCENTILE } from './clip-rule.js';
import { magnitudesAtRank } from './order-statistic.js';

/**
 * A percentile of |x|, between neighbouring values by linear interpolation (NumPy's default). From a histogram it is
 * interpolated inside the bin and never above max |x|.
 */
export const percentileRule: ClipRule = {
  name: 'percentile',
  description: `a percentile of |x| (default ${DEFAULT_PERCENTILE})`,
  ofValues(values, _maximum, target) {
    const position = share(target) * (values.length - 1);
    const rank = Math.floor(position);
    const [lower, upper] = magnitudesAtRank(values, rank);
    return lower + (upper - lower) * (position - rank);
  },
  ofHistogram: (histogram, target) => Math.min(quantile(histogram, share(target)), histogram.maximum),
};

function share({ percentile = DEFAULT_PERCENTILE }: ClipTarget): number {
  if (percentile > 0 && percentile <= 100) return percentile / 100;
  throw invalidField('percentile', `is ${percentile}; use a number above 0 and up to 100`, 'PERCENTILE');
}

function quantile({ counts, binWidth, total, maximum }: Histogram, fraction: number): number {
  const wanted = fraction * total;
  let before = 0;
  for (let bin = 0; bin < counts.length; bin += 1) {
    const count = counts[bin] as number;
    if (count > 0 && before + count >= wanted) return (bin + (wanted - before) / count) * binWidth;
    before += count;
  }
  return maximum;
}
