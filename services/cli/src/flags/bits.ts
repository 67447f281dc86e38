import { FLOAT_BITS } from '@bitwright/core';

/** Reads `1-8`, `2,4,8`, `4` or `float` as ascending bits. Throws an Error with the fix. */
export function readBits(text: string): readonly number[] {
  const bits = text.split(',').flatMap((part) => readPart(part.trim(), text));
  return [...new Set(bits)].sort((a, b) => a - b);
}

function readPart(part: string, whole: string): readonly number[] {
  if (part === 'float' || part === String(FLOAT_BITS)) return [FLOAT_BITS];
  const match = /^([1-8])(?:-([1-8]))?$/.exec(part);
  const low = Number(match?.[1]);
  const high = Number(match?.[2] ?? match?.[1]);
  if (match === null || high < low)
    throw new Error(`is "${whole}"; write bits from 1 to 8 such as 1-8 or 2,4,8, or float`);
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}
