import { describe, expect, it } from 'vitest';
import { type Arithmetic, macMode, widestMode } from './mac-rate.js';

const BITS = [1, 2, 3, 4, 5, 6, 7, 8];
const arithmetic = (macRate: Arithmetic['macRate']): Arithmetic => ({
  macRate,
  weightBits: BITS,
  activationBits: BITS,
});

describe('what fewer bits buy', () => {
  it('is nothing at a fixed rate: the widest operands run', () => {
    const widths = { ...arithmetic({ kind: 'fixed' }), weightBits: [4, 8], activationBits: [6] };
    const mode = { lanes: 1, passes: 1, executedWeightBits: 8, executedActivationBits: 6 };
    expect(macMode(widths, 4, 6)).toEqual(mode);
    expect(widestMode(widths)).toEqual(mode);
  });

  it('is time in a bit-serial element', () => {
    const mode = { lanes: 1, passes: 15, executedWeightBits: 3, executedActivationBits: 5 };
    expect(macMode(arithmetic({ kind: 'bit_serial' }), 3, 5)).toEqual(mode);
  });

  it.each([
    [8, 8, 1, 8, 8],
    [5, 7, 1, 8, 8],
    [4, 8, 2, 4, 8],
    [3, 4, 4, 4, 4],
    [2, 8, 4, 2, 8],
    [1, 2, 16, 2, 2],
  ])('is products in a fused element: %i/%i bits form %i, as %i/%i', (weightBits, activationBits, lanes, w, a) => {
    const mode = { lanes, passes: 1, executedWeightBits: w, executedActivationBits: a };
    expect(macMode(arithmetic({ kind: 'fused' }), weightBits, activationBits)).toEqual(mode);
  });

  it.each([
    [8, 8, 4, 8],
    [4, 8, 4, 8],
    [4, 4, 8, 4],
    [3, 2, 10, 3],
    [2, 2, 16, 2],
  ])(
    'is lanes of a 32-bit register: %i/%i bits fit %i times, both as %i',
    (weightBits, activationBits, lanes, bits) => {
      const mode = { lanes, passes: 1, executedWeightBits: bits, executedActivationBits: bits };
      expect(macMode(arithmetic({ kind: 'simd', registerBits: 32 }), weightBits, activationBits)).toEqual(mode);
    },
  );
});
