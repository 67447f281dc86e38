import { clipThreshold } from './threshold.js';

/** ReLU6's limit, at which the reference starts every activation range. */
const RANGE_CAP = 6;

/**
 * The activation range that HAQ's reference calibrates from one batch: max |x| from 5 bits on, its divergence threshold
 * below, never above max |x| or 6. A signed range counts one bit less, as the reference does; with none left the
 * layer is not quantized and the range is max |x| or 6.
 */
export function haqActivationRange(values: Float32Array, bits: number, signed: boolean): number {
  const usedBits = signed ? bits - 1 : bits;
  const maximum = Math.min(RANGE_CAP, clipThreshold(values, 'maximum', { bits: 8, signed }));
  if (usedBits < 1) return maximum;
  const target = { bits: usedBits, signed: false, compat: true };
  return Math.min(maximum, clipThreshold(values, 'kullback-leibler', target));
}
