import type { Histogram } from '../histogram/histogram.js';
import type { ClipRule } from './clip-rule.js';
import { leastDivergentCut } from './cumulative-divergence.js';
import { squareRootHistogram } from './square-root-histogram.js';

/** From this many bits on the reference takes max |x|. */
const MAXIMUM_FROM_BITS = 5;

/** Below this max |x| the reference takes the tensor for zero (NumPy's `isclose`). */
const CLOSE_TO_ZERO = 1e-8;

/**
 * HAQ's threshold: the cut of a histogram of |x| whose cumulative distribution survives sampling at 2^(b-1) points
 * best; max |x| from 5 bits on. With `compat` the values' threshold is the reference's own number, which can lie above
 * max |x|, and which is the smallest cut when the histogram's first bin is empty.
 */
export const kullbackLeiblerRule: ClipRule = {
  name: 'kullback-leibler',
  description: "HAQ's divergence between cumulative histograms below 5 bits, max |x| from 5 bits on",
  ofValues(values, maximum, { bits, compat = false }) {
    if (bits >= MAXIMUM_FROM_BITS) return maximum;
    const threshold = haqThreshold(values, maximum, bits, compat);
    return compat ? threshold : Math.min(threshold, maximum);
  },
  ofHistogram(histogram, { bits, compat = false }) {
    if (bits >= MAXIMUM_FROM_BITS) return histogram.maximum;
    const { cumulative, binWidth } = coarsen(histogram);
    const cut = leastDivergentCut(cumulative, 2 ** (bits - 1), compat);
    return Math.min((cut + 0.5) * binWidth, histogram.maximum);
  },
};

function haqThreshold(values: Float32Array, maximum: number, bits: number, compat: boolean): number {
  if (compat && maximum <= CLOSE_TO_ZERO) return 0;
  const { cumulative, binWidth } = squareRootHistogram(values, maximum);
  const points = 2 ** (bits - 1);
  if (points + 1 > cumulative.length) return maximum;
  return Math.fround((leastDivergentCut(cumulative, points, compat) + 0.5) * binWidth);
}

/** At most this many bins, so that the quadratic search stays below 10 ms. */
const MOST_BINS = 1024;

/** The cumulative shares of a running histogram, with neighbouring bins merged down to the square root of the count. */
function coarsen({ counts, binWidth, maximum, total }: Histogram): { cumulative: Float64Array; binWidth: number } {
  const used = Math.min(Math.floor(maximum / binWidth) + 1, counts.length);
  const wanted = Math.min(MOST_BINS, Math.ceil(Math.sqrt(total)));
  const merged = Math.max(1, Math.round(used / wanted));
  const cumulative = new Float64Array(Math.ceil(used / merged));
  let sum = 0;
  for (let bin = 0; bin < used; bin += 1) {
    sum += counts[bin] as number;
    cumulative[Math.floor(bin / merged)] = sum / total;
  }
  return { cumulative, binWidth: binWidth * merged };
}
