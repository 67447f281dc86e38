/** Widths to which a fusion unit can join its 2-bit bricks, ascending. */
const FUSED_BITS = [2, 4, 8] as const;

/** Widest operand of a fusion unit: all sixteen bricks together multiply 8 by 8 bits. */
const WIDEST_BITS = 8;

/** Bits that a unit really works with: 3 runs as 4; 5, 6 and 7 run as 8. Bits are 2 to 8. */
export function fusedBits(bits: number): number {
  return FUSED_BITS.find((fused) => fused >= bits) ?? WIDEST_BITS;
}

/** Products that one unit forms in a cycle (φ): 1 at 8/8 bits, 4 at 4/4, 16 at 2/2. */
export function fusionFactor(weightBits: number, activationBits: number): number {
  return (WIDEST_BITS / fusedBits(weightBits)) * (WIDEST_BITS / fusedBits(activationBits));
}
