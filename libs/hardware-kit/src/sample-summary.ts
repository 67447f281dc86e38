import { interquartileRange, medianOf } from '@bitwright/core';

/** Samples beyond this many robust standard deviations from the median are outliers. */
const OUTLIER_DEVIATIONS = 3;

/** The standard deviation of normal data is this many times its median absolute deviation. */
const DEVIATIONS_PER_MAD = 1.4826;

/** Fewer samples than this say nothing of what is usual. */
const FEWEST_FOR_OUTLIERS = 5;

/** What repeated samples come to, in their unit. */
export type SampleSummary = {
  readonly median: number;
  /** Interquartile range; undefined for a single sample. */
  readonly spread: number | undefined;
  /** Samples that count. */
  readonly count: number;
  readonly outliers: number;
};

/** Median and spread without outliers. Throws RangeError for no samples. */
export function summarizeSamples(samples: readonly number[]): SampleSummary {
  if (samples.length === 0) throw new RangeError('there are no samples to summarize');
  const kept = withoutOutliers(samples);
  const spread = kept.length > 1 ? interquartileRange(kept) : undefined;
  return { median: medianOf(kept), spread, count: kept.length, outliers: samples.length - kept.length };
}

/** Without samples more than 3 x 1.4826 median absolute deviations from the median; all where most are equal. */
function withoutOutliers(samples: readonly number[]): readonly number[] {
  if (samples.length < FEWEST_FOR_OUTLIERS) return samples;
  const median = medianOf(samples);
  const deviation = DEVIATIONS_PER_MAD * medianOf(samples.map((sample) => Math.abs(sample - median)));
  if (deviation === 0) return samples;
  return samples.filter((sample) => Math.abs(sample - median) <= OUTLIER_DEVIATIONS * deviation);
}
