import type { Histogram } from '../histogram/histogram.js';

export const CLIP_METHODS = ['maximum', 'percentile', 'mean-squared-error', 'kullback-leibler'] as const;
export type ClipMethod = (typeof CLIP_METHODS)[number];

/** What a threshold is for. */
export type ClipTarget = {
  /** 1..8. */
  readonly bits: number;
  /** Unsigned tensors are known to have no negative values. */
  readonly signed: boolean;
  /** Share of |x| that `percentile` keeps, in percent. Default 99.9. */
  readonly percentile?: number | undefined;
  /** Reproduce the published reference where it is quirky; only `kullback-leibler` has such a switch. Default false. */
  readonly compat?: boolean | undefined;
};

/**
 * Chooses the clip threshold: the |x| at which values are cut off. Finite and at least 0; the tensor is not all zero
 * and all its values are finite.
 */
export type ClipRule = {
  readonly name: ClipMethod;
  readonly description: string;
  /** From the values themselves; `maximum` is max |x|, above 0. */
  ofValues(values: Float32Array, maximum: number, target: ClipTarget): number;
  /** From a histogram of |x| with `maximum` above 0. */
  ofHistogram(histogram: Histogram, target: ClipTarget): number;
};

export const DEFAULT_PERCENTILE = 99.9;
