/**
 * What thresholds are estimated from, batch by batch: the mean over batches of the least and the largest value, and a
 * histogram of |x|.
 */
export type TensorStatistics = {
  readonly minimums: readonly number[];
  readonly maximums: readonly number[];
  readonly histogram: MagnitudeHistogram;
  /** Largest |x| of each channel. */
  readonly channelMaximums: Float32Array;
};

/** Counts of |x| in equal bins from 0 to `maximum`. */
export type MagnitudeHistogram = { readonly counts: Float64Array; readonly maximum: number };

/** Bins: positive half of HAGO's 8001 bins over ±max, which are symmetric. */
export const MAGNITUDE_BINS = 4001;

/** Least and largest value. */
export function rangeOf(values: Float32Array): { readonly minimum: number; readonly maximum: number } {
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return { minimum, maximum };
}

/** Raises the largest |x| of each channel by what more values have; channels are the last axis. */
export function raiseMaximums(maximums: Float32Array, values: Float32Array): void {
  const channels = maximums.length;
  for (let index = 0; index < values.length; index += 1) {
    const magnitude = Math.abs(values[index] as number);
    const channel = index % channels;
    if (magnitude > (maximums[channel] as number)) maximums[channel] = magnitude;
  }
}

/** Adds |x| to a histogram whose range is known; what lies above goes to the last bin. */
export function addMagnitudes({ counts, maximum }: MagnitudeHistogram, values: Float32Array): void {
  if (maximum === 0) {
    counts[0] = (counts[0] as number) + values.length;
    return;
  }
  const perValue = counts.length / maximum;
  for (let index = 0; index < values.length; index += 1) {
    const bin = Math.min(Math.floor(Math.abs(values[index] as number) * perValue), counts.length - 1);
    counts[bin] = (counts[bin] as number) + 1;
  }
}
