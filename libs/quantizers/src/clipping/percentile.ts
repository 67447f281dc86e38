import { invalidField } from '@bitwright/core';
import { quantilesOf } from '../histogram/quantiles.js';
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
  ofHistogram: (histogram, target) => quantilesOf(histogram, [share(target)])[0] as number,
};

function share({ percentile = DEFAULT_PERCENTILE }: ClipTarget): number {
  if (percentile > 0 && percentile <= 100) return percentile / 100;
  throw invalidField('percentile', `is ${percentile}; use a number above 0 and up to 100`, 'PERCENTILE');
}
