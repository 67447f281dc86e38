import { FLOAT_BITS, invalidField } from '@bitwright/core';
import { LIMITS } from './limits.js';

/**
 * Checks of single fields of a wire message. Each gives the value back or throws `invalid_argument` that names the
 * field by its wire path (`request.layers[3].kernel_height`) and says what to write instead.
 */

export type Range = { readonly min: number; readonly max: number };

/** A message field that must be present. */
export function requireMessage<T>(value: T | undefined, field: string): T {
  if (value === undefined) throw invalidField(field, 'is required', 'FIELD_REQUIRED');
  return value;
}

/** An integer within the range, ends included. */
export function requireInteger(value: number, field: string, { min, max }: Range): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw invalidField(field, `is ${value}; use an integer from ${min} to ${max}`, 'OUT_OF_RANGE');
}

/** A finite number within the range, ends included. */
export function requireNumber(value: number, field: string, { min, max }: Range): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw invalidField(field, `is ${value}; use a number from ${min} to ${max}`, 'OUT_OF_RANGE');
}

/** A finite number of either sign. */
export function requireFinite(value: number, field: string): number {
  return requireNumber(value, field, { min: -Number.MAX_VALUE, max: Number.MAX_VALUE });
}

/** A finite number at or above 0, as costs, times and sizes are. */
export function requireAmount(value: number, field: string): number {
  return requireNumber(value, field, { min: 0, max: Number.MAX_VALUE });
}

/** A number above 0 and up to `max`. */
export function requirePositive(value: number, field: string, max: number = Number.MAX_VALUE): number {
  if (value > 0 && value <= max) return value;
  throw invalidField(field, `is ${value}; use a number above 0 and up to ${max}`, 'OUT_OF_RANGE');
}

/** A share, 0..1. */
export function requireShare(value: number, field: string): number {
  return requireNumber(value, field, { min: 0, max: 1 });
}

/** A size of something that exists: 1 up to {@link LIMITS.dimension}. */
export function requireDimension(value: number, field: string): number {
  return requireInteger(value, field, { min: 1, max: LIMITS.dimension });
}

/** A count, 0 up to 2^53 - 1. */
export function requireCount(value: number, field: string): number {
  return requireInteger(value, field, { min: 0, max: LIMITS.count });
}

/** Bits of a quantized or float tensor: 1..8, or 32. */
export function requireBits(value: number, field: string): number {
  if (Number.isInteger(value) && ((value >= 1 && value <= 8) || value === FLOAT_BITS)) return value;
  throw invalidField(field, `is ${value}; use 1..8, or ${FLOAT_BITS} for float`, 'BITS');
}

/** Bit widths to choose from: at least one, each 1..8 or 32, ascending, none twice. */
export function requireBitChoices(values: readonly number[], field: string): readonly number[] {
  requireLength(values, field, { min: 1, max: LIMITS.bitChoices });
  return values.map((bits, index) => {
    const before = values[index - 1];
    if (before === undefined || before < bits) return requireBits(bits, `${field}[${index}]`);
    throw invalidField(
      `${field}[${index}]`,
      `is ${bits} after ${before}; list bits in ascending order`,
      'NOT_ASCENDING',
    );
  });
}

/** Text of 1 up to `max` characters. */
export function requireText(value: string, field: string, max: number = LIMITS.name): string {
  if (value === '') throw invalidField(field, 'is required', 'FIELD_REQUIRED');
  return limitText(value, field, max);
}

/** Text of at most `max` characters; may be empty. */
export function limitText(value: string, field: string, max: number = LIMITS.text): string {
  if (value.length <= max) return value;
  throw invalidField(field, `has ${value.length} characters; the limit is ${max}`, 'TOO_LONG');
}

/** Empty text stands for "absent". */
export function optionalText(value: string, field: string, max: number = LIMITS.text): string | undefined {
  return value === '' ? undefined : limitText(value, field, max);
}

/** A SHA-256 in lower-case hex. */
export function requireDigest(value: string, field: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return value;
  throw invalidField(field, 'is not a SHA-256 in 64 lower-case hex digits', 'DIGEST');
}

/** A list with a number of entries within the range. */
export function requireLength<T>(values: readonly T[], field: string, { min, max }: Range): readonly T[] {
  if (values.length >= min && values.length <= max) return values;
  throw invalidField(field, `has ${values.length} entries; use ${min} to ${max}`, 'LIST_LENGTH');
}

/** Converts each entry, naming it `field[index]`. */
export function mapEntries<Wire, Domain>(
  values: readonly Wire[],
  field: string,
  range: Range,
  convert: (value: Wire, field: string) => Domain,
): readonly Domain[] {
  return requireLength(values, field, range).map((value, index) => convert(value, `${field}[${index}]`));
}
