import { invalidField } from '@bitwright/core';

/** What one pass over a tensor tells about |x|. */
export type Magnitudes = { readonly maximum: number; readonly mean: number };

/**
 * Largest and mean |x| of `values[start..end)`; both 0 for an empty range. Throws `invalid_argument` `NOT_FINITE` when
 * a value is NaN or infinite: no clip range fits such a tensor.
 */
export function measureMagnitudes(values: Float32Array, start = 0, end = values.length): Magnitudes {
  let maximum = 0;
  let sum = 0;
  for (let index = start; index < end; index += 1) {
    const magnitude = Math.abs(values[index] as number);
    if (magnitude > maximum) maximum = magnitude;
    sum += magnitude;
  }
  if (!Number.isFinite(sum)) throw notFinite(values, start, end);
  return { maximum, mean: end > start ? sum / (end - start) : 0 };
}

function notFinite(values: Float32Array, start: number, end: number) {
  const offset = values.subarray(start, end).findIndex((value) => !Number.isFinite(value));
  const description = `element ${start + offset} is ${values[start + offset]}; every value must be finite`;
  return invalidField('values', description, 'NOT_FINITE');
}
