import { FLOAT_BITS, type Layer, type Network, type PointFigures, pointFigures } from '@bitwright/core';
import type { Codebook, LinearGrid, MultipointWeights } from '@bitwright/quantizers';
import { consumersOf } from '../network/fold-batch-normalization.js';

/** How one layer's weight is quantized. Linear: one grid, or one per output channel. */
export type WeightPlan =
  | { readonly kind: 'float' }
  | { readonly kind: 'linear'; readonly grids: readonly LinearGrid[] }
  | { readonly kind: 'k-means'; readonly codebook: Codebook }
  | { readonly kind: 'multipoint'; readonly multipoint: MultipointWeights }
  /** The nearest of these, ascending, in units of the output channel's scale; learned by DDQ. */
  | { readonly kind: 'levels'; readonly levels: Float32Array; readonly scales: Float32Array };

/** How one layer's input is quantized: values are cut off at `clip` (and `-clip` when signed). */
export type ActivationPlan =
  | { readonly kind: 'float' }
  | { readonly kind: 'linear'; readonly bits: number; readonly signed: boolean; readonly clip: number }
  /** The nearest of these, ascending, learned by DDQ. */
  | { readonly kind: 'levels'; readonly levels: Float32Array };

/** A layer with both; the plan of a policy has one per quantizable layer, in their order. */
export type LayerPlan = { readonly layer: Layer; readonly weight: WeightPlan; readonly activation: ActivationPlan };

export type QuantizationPlan = readonly LayerPlan[];

/** The points of each layer, of all its output channels together; undefined where no layer has points. */
export function layerPointsOf(plan: QuantizationPlan): readonly number[] | undefined {
  if (plan.every(({ weight }) => weight.kind !== 'multipoint')) return undefined;
  return plan.map(({ layer, weight }) =>
    weight.kind === 'multipoint' ? weight.multipoint.coefficients.length : layer.outChannels,
  );
}

/** What the points of a plan add up to; undefined where no layer has points. */
export function pointFiguresOf(plan: QuantizationPlan): PointFigures | undefined {
  const layers = plan.map(({ weight, activation }) => ({
    weightBits: weightBitsOf(weight),
    activationBits: activation.kind === 'linear' ? activation.bits : FLOAT_BITS,
  }));
  const layerPoints = layerPointsOf(plan);
  const scheme = { weightQuantizer: 'multipoint', granularity: 'per-channel' } as const;
  return pointFigures(
    { ...scheme, layers, layerPoints },
    plan.map(({ layer }) => layer),
  );
}

/** Bits of a layer's codes; of a codebook as many as its entries need. */
export function weightBitsOf(weight: WeightPlan): number {
  switch (weight.kind) {
    case 'float':
      return FLOAT_BITS;
    case 'linear': {
      const { binary, highest } = weight.grids[0] as LinearGrid;
      return binary ? 1 : Math.round(Math.log2(highest + 1)) + 1;
    }
    case 'k-means':
      return Math.ceil(Math.log2(Math.max(2, weight.codebook.centroids.length)));
    case 'levels':
      return Math.ceil(Math.log2(Math.max(2, weight.levels.length)));
    case 'multipoint':
      return weight.multipoint.bits;
  }
}

/** Which layers have which kind of quantizer: all that shapes a graph. Bits, grids and thresholds are values in it. */
export type PlanStructure = {
  readonly weights: readonly WeightPlan['kind'][];
  readonly activations: readonly (ActivationPlan['kind'] | 'binary')[];
  /** Whether any weight has one bit: only then do the weights' grids need an offset from zero. */
  readonly binaryWeights: boolean;
  /** The most points of a channel; 0 where no layer has points. */
  readonly pointDepth: number;
};

/** One signed bit needs another operation, so it is a kind of its own. */
export function structureOf(plan: QuantizationPlan): PlanStructure {
  return {
    weights: plan.map(({ weight }) => weight.kind),
    activations: plan.map(({ activation }) => (isBinary(activation) ? 'binary' : activation.kind)),
    binaryWeights: plan.some(({ weight }) => weight.kind === 'linear' && weight.grids[0]?.binary === true),
    pointDepth: Math.max(
      0,
      ...plan.map(({ weight }) => (weight.kind === 'multipoint' ? mostOf(weight.multipoint) : 0)),
    ),
  };
}

const mostOf = ({ counts }: MultipointWeights) => counts.reduce((most, count) => Math.max(most, count), 0);

const isBinary = (activation: ActivationPlan) =>
  activation.kind === 'linear' && activation.signed && activation.bits === 1;

export const isFloat = (bits: number) => bits === FLOAT_BITS;

/**
 * Rectifiers that can be left out: every reader is one layer whose unsigned quantizer cuts off below 0 too, and above,
 * no higher than a ReLU6 does.
 */
export function absorbedRectifiers(
  network: Network,
  layers: readonly Layer[],
  { activations }: PlanStructure,
): ReadonlySet<string> {
  const consumers = consumersOf(network);
  const quantized = new Set(
    layers.filter(({ index, inputSigned }) => !inputSigned && activations[index] === 'linear').map(({ name }) => name),
  );
  const absorbed = network.nodes.filter(({ id, operation }) => {
    const readers = consumers.get(id) ?? [];
    return operation.kind.startsWith('relu') && readers.length === 1 && quantized.has(readers[0]?.id ?? '');
  });
  return new Set(absorbed.map(({ id }) => id));
}

/** The highest threshold that a layer's input quantizer may have: 6 behind a ReLU6, else none. */
export function highestClip(network: Network, { inputTensor }: Layer): number {
  const source = network.nodes.find(({ id }) => id === inputTensor);
  return source?.operation.kind === 'relu6' ? 6 : 1e30;
}
