/**
 * What fewer bits buy in a processing element. `fixed`: nothing, it multiplies at the widest width there is;
 * `bit_serial`: time, a product takes w a cycles; `fused`: products, as BitFusion's fusible 2-bit bricks; `simd`:
 * products, as many as registers of `registerBits` bits hold of the wider operand.
 */
export type MacRate =
  | { readonly kind: 'fixed' }
  | { readonly kind: 'bit_serial' }
  | { readonly kind: 'fused' }
  | { readonly kind: 'simd'; readonly registerBits: number };

/** How a processing element works at one pair of bits. */
export type MacMode = {
  /** Products that it forms at once, along the depth of the matrix product. */
  readonly lanes: number;
  /** Cycles that it takes for them. */
  readonly passes: number;
  /** Widths that it really multiplies. */
  readonly executedWeightBits: number;
  readonly executedActivationBits: number;
};

/** The rate and the widths that a profile has kernels for. */
export type Arithmetic = {
  readonly macRate: MacRate;
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
};

/** The mode for a pair of bits: never fewer lanes, nor more passes, with fewer bits. */
export function macMode(arithmetic: Arithmetic, weightBits: number, activationBits: number): MacMode {
  const { macRate } = arithmetic;
  switch (macRate.kind) {
    case 'fixed':
      return {
        lanes: 1,
        passes: 1,
        ...executed(Math.max(...arithmetic.weightBits), Math.max(...arithmetic.activationBits)),
      };
    case 'bit_serial':
      return { lanes: 1, passes: weightBits * activationBits, ...executed(weightBits, activationBits) };
    case 'fused': {
      const [weights, activations] = [fusedOperands(weightBits), fusedOperands(activationBits)];
      return { lanes: weights * activations, passes: 1, ...executed(WIDEST / weights, WIDEST / activations) };
    }
    case 'simd': {
      const wider = Math.max(weightBits, activationBits);
      return { lanes: Math.floor(macRate.registerBits / wider), passes: 1, ...executed(wider, wider) };
    }
  }
}

/** The mode at the widest operands, which sets the width of the registers. */
export function widestMode(arithmetic: Arithmetic): MacMode {
  return macMode(arithmetic, Math.max(...arithmetic.weightBits), Math.max(...arithmetic.activationBits));
}

const executed = (executedWeightBits: number, executedActivationBits: number) => ({
  executedWeightBits,
  executedActivationBits,
});

/** Bits of a whole fused unit. */
const WIDEST = 8;

/** floor(8 / max(bits, 2)): 3 bits run as 4, and 5 to 7 as 8; the product over both operands is BitFusion's phi. */
const fusedOperands = (bits: number) => Math.floor(WIDEST / Math.max(bits, 2));
