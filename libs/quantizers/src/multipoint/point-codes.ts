import { type CodeRange, codeRange } from '../linear/grid.js';

/**
 * Codes of a point: `-2^(b-1)` to `2^(b-1) - 1`, at one bit ±1. One more than a plain grid has, which a coefficient of
 * either sign puts on the side where the channel needs it: two points of two bits make 16 sums in place of 9.
 */
export function pointCodes(bits: number): CodeRange {
  const { binary, lowest, highest } = codeRange(bits, true);
  return { binary, lowest: binary ? lowest : lowest - 1, highest };
}
