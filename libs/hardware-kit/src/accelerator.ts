import { BitwrightError, type HardwareCapabilities, type Layer, type LayerCost, type Network } from '@bitwright/core';

/**
 * What a cost may depend on: a layer's shape. Names, positions and tie groups are left out, so that layers of equal
 * shape share one computation.
 */
export type LayerShape = Pick<
  Layer,
  | 'kind'
  | 'inChannels'
  | 'outChannels'
  | 'kernelHeight'
  | 'kernelWidth'
  | 'stride'
  | 'groups'
  | 'inputHeight'
  | 'inputWidth'
  | 'outputHeight'
  | 'outputWidth'
>;

/**
 * A hardware model: what it can do, and what one layer costs. Pure and deterministic; it may be slow, because
 * `createLocalHardware` asks for each shape, pair of bits and batch once.
 */
export type Accelerator = {
  readonly capabilities: HardwareCapabilities;
  /**
   * Cost of one layer for the whole batch (1 to `capabilities.maximumBatch` images): finite, not negative, and, of a
   * model, never less with more bits. Throws `unsupported` for bits or an operator that the hardware cannot run.
   */
  layerCost(layer: LayerShape, weightBits: number, activationBits: number, batch: number): LayerCost;
  /**
   * Only of hardware that is not additive: prices what the layers of a network take together beyond their own, ms, by
   * the layers' costs under a policy. May be below zero. The graph is absent where only the layers are known.
   */
  betweenLayers?(
    layers: readonly Layer[],
    batch: number,
    network: Network | undefined,
  ): (costs: readonly LayerCost[]) => number;
};

/** Throws `unsupported` `PRECISION_UNSUPPORTED` unless both widths are among those of the capabilities. */
export function assertSupportedPrecision(
  capabilities: Pick<HardwareCapabilities, 'name' | 'weightBits' | 'activationBits'>,
  weightBits: number,
  activationBits: number,
): void {
  const { name, weightBits: weights, activationBits: activations } = capabilities;
  if (weights.includes(weightBits) && activations.includes(activationBits)) return;
  const asked = `${weightBits}-bit weights with ${activationBits}-bit activations`;
  const offered = `${weights.join(', ')} bits for weights and ${activations.join(', ')} for activations`;
  throw new BitwrightError('unsupported', 'PRECISION_UNSUPPORTED', `${name} cannot run ${asked}; it has ${offered}`);
}
