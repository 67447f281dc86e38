/** What a tensor's elements can be. */
export const ELEMENT_TYPES = ['float32', 'int8', 'int16', 'int32'] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];
export type IntegerType = Exclude<ElementType, 'float32'>;

const BITS: Readonly<Record<ElementType, number>> = { float32: 32, int8: 8, int16: 16, int32: 32 };

export const bitsOf = (type: ElementType) => BITS[type];

export const isInteger = (type: ElementType): type is IntegerType => type !== 'float32';

/** Lowest and highest code, ends included. */
export type CodeRange = { readonly lowest: number; readonly highest: number };

/** What fits the type: two's complement. */
export function typeRange(type: IntegerType): CodeRange {
  const half = 2 ** (bitsOf(type) - 1);
  return { lowest: -half, highest: half - 1 };
}

/** The codes of `bits` bits: 0..2^b - 1 where none is negative, else ±(2^(b-1) - 1) as HAGO has them. */
export function codesOfBits(bits: number, unsigned: boolean): CodeRange {
  if (unsigned) return { lowest: 0, highest: 2 ** bits - 1 };
  const highest = 2 ** (bits - 1) - 1;
  return { lowest: -highest, highest };
}

/**
 * A range whose ends float32 has: where it lacks one, the next towards zero, as the one above would not fit the type. Only
 * codes of more than 25 bits lose any.
 */
export function withinFloat32({ lowest, highest }: CodeRange): CodeRange {
  const within = (code: number) => (Math.fround(code) === code ? code : Math.fround(code * (1 - 2 ** -24)));
  return { lowest: within(lowest), highest: within(highest) };
}

/** A whole number as the type holds it: what is too large wraps around (two's complement). Exact up to 2^53. */
export function wrapAround(value: number, type: IntegerType): number {
  const { lowest } = typeRange(type);
  const span = 2 ** bitsOf(type);
  return value - span * Math.floor((value - lowest) / span);
}
