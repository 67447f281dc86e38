import { histogramOf } from '../histogram/histogram.js';
import { type LinearGrid, linearGrid } from '../linear/grid.js';
import type { ClipRule, ClipTarget } from './clip-rule.js';

/**
 * The threshold of least squared quantization error among some 130 candidates, which are steps rather than thresholds:
 * half a step gives a grid that contains the old one, so one more bit never makes the error larger. The threshold can
 * exceed max |x| (up to twice) where the values lie on such a grid.
 */
export const meanSquaredErrorRule: ClipRule = {
  name: 'mean-squared-error',
  description: 'the threshold of least squared quantization error',
  ofValues(values, maximum, target) {
    if (values.length > HISTOGRAM_ABOVE) return meanSquaredErrorRule.ofHistogram(histogramOf(values), target);
    let sum = 0;
    for (let index = 0; index < values.length; index += 1) sum += Math.abs(values[index] as number);
    const error = (grid: LinearGrid, limit: number) => squaredErrorOfValues(values, grid, limit);
    return leastError(candidateThresholds(maximum, sum / values.length, target), target, error);
  },
  ofHistogram({ counts, binWidth, maximum, sum, total }, target) {
    const bins = Math.min(Math.floor(maximum / binWidth) + 1, counts.length);
    const error = (grid: LinearGrid, limit: number) => squaredErrorOfBins(counts, bins, binWidth, grid, limit);
    return leastError(candidateThresholds(maximum, sum / total, target), target, error);
  },
};

/** From here on a histogram of 4096 bins answers as well as the values do, a hundred times as fast. */
const HISTOGRAM_ABOVE = 32768;

/** Candidates per octave, and octaves that they cover. */
const PER_OCTAVE = 16;
const OCTAVES = 8;

/** Keeps every grid inside float32. */
const LARGEST_THRESHOLD = 2 ** 127;

/**
 * Thresholds to try: max |x|, a geometric row, and what makes the least error comparable between bits: the half, the
 * quarter, … of the step that max |x| or mean |x| (the best binary step) gives at fewer bits. At most 2 max |x|.
 */
function candidateThresholds(maximum: number, mean: number, { bits, signed }: ClipTarget): readonly number[] {
  const share = (count: number) => (signed ? 1 - 2 ** (1 - count) : 1 - 2 ** -count);
  const spans = Array.from({ length: PER_OCTAVE * OCTAVES }, (_, index) => 2 ** (1 - index / PER_OCTAVE) * maximum);
  for (let fewer = signed ? 2 : 1; fewer < bits; fewer += 1) spans.push(maximum / share(fewer));
  if (signed) spans.push(2 * mean);
  const thresholds = spans.map((span) => span * share(bits));
  return [maximum, ...thresholds.filter((threshold) => threshold <= LARGEST_THRESHOLD)];
}

function leastError(
  thresholds: readonly number[],
  { bits, signed }: ClipTarget,
  errorUpTo: (grid: LinearGrid, limit: number) => number,
): number {
  let best = thresholds[0] as number;
  let least = Number.POSITIVE_INFINITY;
  for (const threshold of thresholds) {
    const error = errorUpTo(linearGrid(threshold, bits, signed), least);
    if (error >= least) continue;
    least = error;
    best = threshold;
  }
  return best;
}

const ROUNDING_BIAS = 6755399441055744;

/** Sum of squared errors; stops early once it exceeds `limit`. */
function squaredErrorOfValues(values: Float32Array, { scale, highest }: LinearGrid, limit: number): number {
  const perStep = 1 / scale;
  let error = 0;
  for (let index = 0; index < values.length && error < limit; index += 1) {
    const magnitude = Math.abs(values[index] as number);
    const steps = magnitude * perStep;
    const code = steps > highest ? highest : steps + ROUNDING_BIAS - ROUNDING_BIAS;
    const difference = magnitude - code * scale;
    error += difference * difference;
  }
  return error;
}

/** The same with every value at the middle of its bin. */
function squaredErrorOfBins(
  counts: Float64Array,
  bins: number,
  width: number,
  grid: LinearGrid,
  limit: number,
): number {
  const { scale, highest } = grid;
  let error = 0;
  for (let bin = 0; bin < bins && error < limit; bin += 1) {
    const magnitude = (bin + 0.5) * width;
    const steps = magnitude / scale;
    const code = steps > highest ? highest : steps + ROUNDING_BIAS - ROUNDING_BIAS;
    const difference = magnitude - code * scale;
    error += (counts[bin] as number) * difference * difference;
  }
  return error;
}
