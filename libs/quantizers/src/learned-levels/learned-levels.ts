import { invalidField } from '@bitwright/core';

/**
 * What DDQ learns of one tensor: 2^B levels q, ascending, and the scores ĝ of B gates. Gate i is open when scores 1 to
 * i are all above 0, so that the open ones come first and every block of merged levels is contiguous.
 */
export type LearnedLevels = { readonly levels: Float32Array; readonly scores: Float32Array };

/** Bits in use: how many gates are open, s = Σ g. At least one: a tensor of one value carries nothing. */
export function openBits(scores: Float32Array): number {
  const closed = scores.findIndex((score) => !(score > 0));
  return Math.max(1, closed < 0 ? scores.length : closed);
}

/**
 * The 2^s effective levels ℓ = Uᵀq / Z: the means of 2^s blocks of neighbours, ascending as q is. Source: DDQ (arXiv
 * 2106.02295), the block-diagonal U as a product of gates.
 */
export function effectiveLevels(levels: Float32Array, bits: number): Float32Array {
  const block = levels.length / 2 ** bits;
  if (!Number.isInteger(block)) throw invalidField('levels', `${levels.length} do not divide into ${2 ** bits} blocks`);
  return blockSums(levels, block).map((sum) => sum / block);
}

/** Sums of blocks of `block` neighbours. */
export function blockSums(values: ArrayLike<number>, block: number): Float32Array {
  return Float32Array.from({ length: values.length / block }, (_, index) => {
    let sum = 0;
    for (let at = 0; at < block; at += 1) sum += values[index * block + at] as number;
    return sum;
  });
}
