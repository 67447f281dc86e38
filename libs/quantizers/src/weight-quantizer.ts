import type { Granularity, ParameterTensor, RandomSource, WeightQuantizer } from '@bitwright/core';
import type { ClipMethod } from './clipping/clip-rule.js';
import type { Codebook } from './k-means/codebook.js';
import type { LinearGrid } from './linear/grid.js';
import type { MultipointWeights } from './multipoint/multipoint-weights.js';

/** How one weight tensor is to be quantized. */
export type WeightQuantizationOptions = {
  /** 1..8; layers left in float are the caller's business. */
  readonly bits: number;
  readonly granularity: Granularity;
  readonly clipping: ClipMethod;
  /** Used by `k-means` only. */
  readonly random: RandomSource;
  /** Lloyd iterations of `k-means`. */
  readonly maximumIterations?: number | undefined;
  /** Points of each output channel of `multipoint`, 1..8. Default 1. */
  readonly points?: number | undefined;
};

/** The quantized tensor's values, in the tensor's layout, and what they were made from. */
export type QuantizedWeights = { readonly values: Float32Array } & (
  | {
      readonly kind: 'linear';
      /** One for the tensor, or one per output channel. */
      readonly grids: readonly LinearGrid[];
    }
  | { readonly kind: 'k-means'; readonly codebook: Codebook }
  | { readonly kind: 'multipoint'; readonly multipoint: MultipointWeights }
);

/** One way to quantize weights. `quantize` leaves its input alone and throws `invalid_argument` for NaN or infinity. */
export type WeightQuantizerDefinition = {
  readonly name: WeightQuantizer;
  readonly description: string;
  quantize(weight: ParameterTensor, options: WeightQuantizationOptions): QuantizedWeights;
};
