import type { Model, NetworkNode } from '@bitwright/core';
import type { LayerQuantization, WeightQuantization } from '@bitwright/onnx';
import { codeRange, type LinearGrid, SMALLEST_SCALE } from '@bitwright/quantizers';
import { foldablePairs, normalizationFactor } from '../network/fold-batch-normalization.js';
import type { ActivationPlan, LayerPlan, QuantizationPlan } from '../quantization/plan.js';

/** Whether every weight keeps a uniform grid once batch normalization is folded into it; codebooks do not. */
export function canFold(plan: QuantizationPlan): boolean {
  return plan.every(({ weight }) => weight.kind !== 'k-means');
}

/**
 * How the exporter is to quantize each layer. With `folded`, a channel's scale takes up the factor by which folding
 * multiplies its weights; its codes only change sign with it, and the grid is symmetric.
 */
export function toLayerQuantization(
  model: Model,
  plan: QuantizationPlan,
  folded: boolean,
): readonly LayerQuantization[] {
  const pairs = folded ? foldablePairs(model.network) : new Map<string, NetworkNode>();
  return plan.map(({ layer, weight, activation }) => {
    const normalization = pairs.get(layer.name);
    const factor = normalization && normalizationFactor(model.parameters, normalization);
    return {
      node: layer.name,
      weight: toWeightQuantization(weight, layer.outChannels, factor),
      activation: toActivationQuantization(activation),
    };
  });
}

function toWeightQuantization(
  weight: LayerPlan['weight'],
  channels: number,
  factor: Float32Array | undefined,
): WeightQuantization {
  switch (weight.kind) {
    case 'float':
      return { kind: 'float' };
    case 'k-means':
      return { kind: 'codebook', entries: weight.codebook.centroids.slice().sort() };
    case 'linear':
      return {
        kind: 'linear',
        bits: bitsOf(weight.grids[0] as LinearGrid),
        scales: foldedScales(weight.grids, channels, factor),
      };
  }
}

/** One scale for each channel when folding makes them differ, else one per grid. */
function foldedScales(grids: readonly LinearGrid[], channels: number, factor: Float32Array | undefined): Float32Array {
  if (factor === undefined) return Float32Array.from(grids, ({ scale }) => scale);
  return Float32Array.from({ length: channels }, (_, channel) => {
    const grid = grids[grids.length === 1 ? 0 : channel] as LinearGrid;
    return Math.max(grid.scale * Math.abs(factor[channel] as number), SMALLEST_SCALE);
  });
}

const bitsOf = ({ binary, highest }: LinearGrid) => (binary ? 1 : Math.round(Math.log2(highest + 1)) + 1);

function toActivationQuantization(activation: ActivationPlan): LayerQuantization['activation'] {
  if (activation.kind === 'float') return { kind: 'float' };
  const { bits, signed, clip } = activation;
  const scale = signed && bits === 1 ? clip : clip / codeRange(bits, signed).highest;
  return { kind: 'linear', bits, scale, signed };
}
