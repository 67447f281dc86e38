import { assertBits } from '../bits.js';

/**
 * The values that a uniform quantizer can give: `scale * code` for every whole `code` from `lowest` to `highest`, and
 * only for the two ends when `binary`.
 */
export type LinearGrid = {
  /** Distance between neighbours, a float32 number; never below {@link SMALLEST_SCALE} unless binary. */
  readonly scale: number;
  readonly lowest: number;
  readonly highest: number;
  /** One signed bit: the codes are -1 and +1, there is no zero. */
  readonly binary: boolean;
};

/** The codes of a grid. */
export type CodeRange = Omit<LinearGrid, 'scale'>;

/** Smallest normal float32: keeps `x / scale` defined for all-zero and denormal tensors, which come out as zero. */
export const SMALLEST_SCALE = 2 ** -126;

/**
 * Codes of a grid. Signed: symmetric, `±(2^(b-1) - 1)`; unsigned: `0..2^b - 1` (HAQ's "half wave"). One signed bit is
 * binary, `±1`: the formula would leave the code 0 alone and divide by zero.
 */
export function codeRange(bits: number, signed: boolean): CodeRange {
  assertBits(bits);
  if (!signed) return { lowest: 0, highest: 2 ** bits - 1, binary: false };
  if (bits === 1) return { lowest: -1, highest: 1, binary: true };
  const highest = 2 ** (bits - 1) - 1;
  return { lowest: -highest, highest, binary: false };
}

/**
 * The grid whose ends are at the clip threshold c: `s = c / (2^(b-1) - 1)` signed, `s = c / (2^b - 1)` unsigned, and
 * `s = c` for one signed bit, where c should be mean |x| (as `clipThreshold` gives it). Throws
 * `invalid_argument` for bits outside 1..8.
 */
export function linearGrid(threshold: number, bits: number, signed: boolean): LinearGrid {
  const range = codeRange(bits, signed);
  const scale = Math.fround(threshold / range.highest);
  return { scale: range.binary ? scale : Math.max(scale, SMALLEST_SCALE), ...range };
}

/** One grid per output channel, from the thresholds of the channels in order. */
export function linearGrids(thresholds: ArrayLike<number>, bits: number, signed: boolean): readonly LinearGrid[] {
  return Array.from(thresholds, (threshold) => linearGrid(threshold, bits, signed));
}
