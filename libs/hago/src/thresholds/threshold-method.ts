import { invalidField } from '@bitwright/core';

/**
 * How the largest magnitude that a tensor is to hold is estimated from calibration samples: the average range of batches
 * (HAGO's default), the least KL divergence of histograms, or a quantile of |x|.
 */
export type ThresholdMethod =
  | { readonly kind: 'average-range' }
  | { readonly kind: 'kullback-leibler' }
  | { readonly kind: 'quantile'; readonly quantile: number };

const QUANTILE = /^quantile:(0(?:\.\d+)?|1(?:\.0+)?)$/;

/** Reads `average-range`, `kullback-leibler` or `quantile:0.999`. Throws `invalid_argument` that names the field. */
export function parseThresholdMethod(text: string, field = 'thresholds'): ThresholdMethod {
  if (text === 'average-range' || text === 'kullback-leibler') return { kind: text };
  const quantile = Number(QUANTILE.exec(text)?.[1] ?? Number.NaN);
  if (quantile > 0 && quantile <= 1) return { kind: 'quantile', quantile };
  throw invalidField(field, `is "${text}"; use average-range, kullback-leibler or quantile:Q with Q in (0, 1]`);
}
