import { type LayerShape, macsOf } from '@bitwright/hardware-kit';
import type { SystolicProfile } from './profile.js';

/** The pair of bits that a layer is stored in. */
export type Precision = { readonly weightBits: number; readonly activationBits: number };

/** Bits of a layer's tensors for the whole batch, each counted once. */
export type LayerSizes = {
  readonly weights: number;
  readonly activations: number;
  /** The activations as columns of the products: those of overlapping windows several times. */
  readonly columns: number;
  /** The results as they are written, and as partial sums. */
  readonly results: number;
  readonly partialSums: number;
};

export function layerSizes(
  { resultBits, accumulatorBits }: SystolicProfile,
  layer: LayerShape,
  { weightBits, activationBits }: Precision,
  batch: number,
): LayerSizes {
  const outputPositions = layer.outputHeight * layer.outputWidth;
  const windowSize = layer.inChannels * layer.kernelHeight * layer.kernelWidth;
  const results = layer.outChannels * outputPositions * batch;
  return {
    weights: (macsOf(layer) / outputPositions) * weightBits,
    activations: layer.inChannels * layer.inputHeight * layer.inputWidth * batch * activationBits,
    columns: windowSize * outputPositions * batch * activationBits,
    results: results * resultBits,
    partialSums: results * accumulatorBits,
  };
}

/** How often a batch takes the weights of a layer: a fully connected one once, a convolution for each image. */
export function weightUses(layer: LayerShape, batch: number): number {
  return layer.kind === 'fully-connected' ? 1 : batch;
}
