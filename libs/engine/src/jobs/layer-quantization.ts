import type { Model, NetworkNode } from '@bitwright/core';
import type { LayerQuantization, WeightQuantization } from '@bitwright/onnx';
import { codeRange, type LinearGrid, type MultipointWeights, SMALLEST_SCALE } from '@bitwright/quantizers';
import { foldablePairs, normalizationFactor } from '../network/fold-batch-normalization.js';
import { type ActivationPlan, type LayerPlan, type QuantizationPlan, weightBitsOf } from '../quantization/plan.js';

/** Whether every weight keeps a uniform grid once batch normalization is folded into it; codebooks do not. */
export function canFold(plan: QuantizationPlan): boolean {
  return plan.every(({ weight }) => weight.kind !== 'k-means' && weight.kind !== 'levels');
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
    case 'levels':
      return { kind: 'codebook', entries: weight.levels, scales: weight.scales };
    case 'linear':
      return {
        kind: 'linear',
        bits: weightBitsOf(weight),
        scales: foldedScales(weight.grids, channels, factor),
      };
    case 'multipoint':
      return { kind: 'multipoint', points: foldedPoints(weight.multipoint, factor) };
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

/** Folding multiplies a channel's coefficients; its codes stay. */
function foldedPoints(points: MultipointWeights, factor: Float32Array | undefined): MultipointWeights {
  if (factor === undefined) return points;
  const channelOf = Array.from(points.counts).flatMap((count, channel) => Array<number>(count).fill(channel));
  const coefficients = points.coefficients.map(
    (value, point) => value * (factor[channelOf[point] as number] as number),
  );
  return { ...points, coefficients };
}

function toActivationQuantization(activation: ActivationPlan): LayerQuantization['activation'] {
  if (activation.kind === 'float') return { kind: 'float' };
  if (activation.kind === 'levels') return { kind: 'codebook', entries: activation.levels };
  const { bits, signed, clip } = activation;
  const scale = signed && bits === 1 ? clip : clip / codeRange(bits, signed).highest;
  return { kind: 'linear', bits, scale, signed };
}
