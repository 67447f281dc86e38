/**
 * How a layer's weight is quantized. Codes are found from the model's float weight, which may already lie on the grid.
 */
export type WeightQuantization =
  | { readonly kind: 'float' }
  /**
   * Value = scale x code, codes ±(2^(bits-1) - 1), at 1 bit ±1 (0 and above is +1). One scale, or one for each output
   * channel. Rounds half to even.
   */
  | { readonly kind: 'linear'; readonly bits: number; readonly scales: Float32Array }
  /**
   * Each weight is the nearest entry, times its output channel's scale where there are scales; at most 256 entries,
   * ascending.
   */
  | { readonly kind: 'codebook'; readonly entries: Float32Array; readonly scales?: Float32Array }
  /** Each output channel is a sum of points; the model's own weight is not looked at. */
  | { readonly kind: 'multipoint'; readonly points: WeightPoints };

/** Channel after channel, and within a channel point after point: channel = sum of coefficient x codes. */
export type WeightPoints = {
  readonly bits: number;
  /** Points of each output channel, 1 or more. */
  readonly counts: Uint8Array;
  /** One vector of codes for each point, -2^(bits-1)..2^(bits-1) - 1, at 1 bit ±1. */
  readonly codes: Int8Array;
  readonly coefficients: Float32Array;
};

/**
 * How a layer's input is quantized: value = scale x code, rounded half to even and clipped to 0..2^bits - 1 or, when
 * signed, ±(2^(bits-1) - 1); one signed bit is ±1 (0 and above is +1).
 */
export type ActivationQuantization =
  | { readonly kind: 'float' }
  | { readonly kind: 'linear'; readonly bits: number; readonly scale: number; readonly signed: boolean }
  /** Each value is the nearest entry, half way the upper one; at most 256 entries, ascending. */
  | { readonly kind: 'codebook'; readonly entries: Float32Array };

/** Whether a byte holds the codes of an input: not where it is in float or by a codebook, nor ±1, which lack a code for zero. */
export function hasByteCodes(
  activation: ActivationQuantization,
): activation is Extract<ActivationQuantization, { readonly kind: 'linear' }> {
  return activation.kind === 'linear' && !(activation.signed && activation.bits === 1);
}

/** Quantization of one layer: of its weight and of the tensor it reads. `node` is the layer's node id (its name). */
export type LayerQuantization = {
  readonly node: string;
  readonly weight: WeightQuantization;
  readonly activation: ActivationQuantization;
};

/** Lowest and highest code of `bits` bits; signed codes are symmetric. */
export function codeLimits(bits: number, signed: boolean): { readonly lowest: number; readonly highest: number } {
  if (!signed) return { lowest: 0, highest: 2 ** bits - 1 };
  const highest = Math.max(1, 2 ** (bits - 1) - 1);
  return { lowest: -highest, highest };
}
