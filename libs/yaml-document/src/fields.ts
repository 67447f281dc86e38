import { z } from 'zod';

/**
 * Pieces of schemas for documents that people write. Each message says what to write instead; `explainIssues` puts in front where, and what was
 * found.
 */

/** A whole number within bounds, ends included. */
export function integer(low: number, high: number) {
  const fix = `use a whole number from ${low} to ${high}`;
  return z.number(fix).int(fix).min(low, fix).max(high, fix);
}

/** A number within bounds, ends included. */
export function quantity(low: number, high: number) {
  const fix = `use a number from ${low} to ${high}`;
  return z.number(fix).min(low, fix).max(high, fix);
}

/** One of a closed set. */
export function choice<const Choice extends string>(choices: readonly [Choice, ...Choice[]]) {
  return z.enum(choices, `use one of ${choices.join(', ')}`);
}

/** An object with these keys and no others. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? `the keys are ${keys}` : `write an object with ${keys}`),
  });
}

const ASCENDING = 'list widths from 1 to 8, ascending, each once, for example [4, 8]';

/** Widths that there are kernels for. */
export const bitWidths = z
  .array(integer(1, 8), ASCENDING)
  .min(1, ASCENDING)
  .refine((bits) => bits.every((width, index) => index === 0 || width > (bits[index - 1] as number)), ASCENDING);
