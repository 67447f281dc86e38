import { nearestChoice, roundHalfToEven } from '@bitwright/core';

/** Least and most bits of a decision. */
export type BitRange = { readonly minimum: number; readonly maximum: number };

/** The range that a decision's choices span. */
export function bitRange(choices: readonly number[]): BitRange {
  return { minimum: Math.min(...choices), maximum: Math.max(...choices) };
}

/**
 * Bits for an action a in 0..1: round((b_max - b_min + 1) a + (b_min - 0.5)), half to even. The rounding can leave the
 * range at both ends (b_min = 1, a = 0 gives 0 bits); {@link actionToBits} clamps.
 */
export function unclampedBits(action: number, { minimum, maximum }: BitRange): number {
  return roundHalfToEven((maximum - minimum + 1) * action + (minimum - 0.5));
}

export function actionToBits(action: number, range: BitRange): number {
  return Math.min(range.maximum, Math.max(range.minimum, unclampedBits(action, range)));
}

/** An action's choice where not every width is one: the next lower. */
export function actionToChoice(action: number, choices: readonly number[]): number {
  return nearestChoice(choices, actionToBits(action, bitRange(choices)));
}

/** The middle of the actions that give these bits. */
export function bitsToAction(bits: number, { minimum, maximum }: BitRange): number {
  return (bits - minimum + 0.5) / (maximum - minimum + 1);
}
