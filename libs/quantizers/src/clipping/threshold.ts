import { assertBits } from '../bits.js';
import { channelValues } from '../channels.js';
import type { Histogram } from '../histogram/histogram.js';
import { measureMagnitudes } from '../magnitudes.js';
import type { ClipMethod, ClipTarget } from './clip-rule.js';
import { CLIP_RULES } from './registry.js';

/**
 * The clip threshold of a tensor, at least 0. It is 0 for an all-zero tensor, and mean |x| for one signed bit, whatever
 * the method: that is the binary quantizer's scale. Throws `invalid_argument` for NaN or infinity (`NOT_FINITE`) and
 * for bits outside 1..8.
 */
export function clipThreshold(values: Float32Array, method: ClipMethod, target: ClipTarget): number {
  assertBits(target.bits);
  const { maximum, mean } = measureMagnitudes(values);
  if (maximum === 0) return 0;
  if (target.signed && target.bits === 1) return mean;
  return CLIP_RULES[method].ofValues(values, maximum, target);
}

/** {@link clipThreshold} of each output channel; `values` in OIHW or `[out, in]` layout. */
export function clipThresholdsPerChannel(
  values: Float32Array,
  channels: number,
  method: ClipMethod,
  target: ClipTarget,
): Float32Array {
  return Float32Array.from(channelValues(values, channels), (channel) => clipThreshold(channel, method, target));
}

/** {@link clipThreshold} from a running histogram, without the values; exact for `maximum`, else to about a bin. */
export function clipThresholdOfHistogram(histogram: Histogram, method: ClipMethod, target: ClipTarget): number {
  assertBits(target.bits);
  if (histogram.maximum === 0) return 0;
  if (target.signed && target.bits === 1) return histogram.sum / histogram.total;
  return CLIP_RULES[method].ofHistogram(histogram, target);
}
