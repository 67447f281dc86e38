import {
  BitwrightError,
  type HardwareCapabilities,
  type Layer,
  type LayerCost,
  type LayerPrecision,
} from '@bitwright/core';
import { assertSupportedPrecision, nameRefusal } from '@bitwright/hardware-kit';
import type { Bench } from './bench/bench.js';
import type { LayerMeasurements } from './layer-measurements.js';
import type { MeasurementSettings } from './settings.js';

/** What answers are made of. */
export type MeasurementContext = {
  readonly capabilities: HardwareCapabilities;
  readonly measurements: LayerMeasurements;
  readonly bench: Bench;
  readonly settings: MeasurementSettings;
};

/** Whether the capabilities name a kernel for a layer at a pair of bits. */
export function hasKernel({ operators = [] }: HardwareCapabilities, { kind }: Layer, pair: LayerPrecision): boolean {
  const kernels = operators.find(({ operator }) => operator === kind)?.precisions ?? [];
  return kernels.some(
    ({ weightBits, activationBits }) => weightBits === pair.weightBits && activationBits === pair.activationBits,
  );
}

/** A layer's cost, measured unless it is known. Throws `unsupported`, with the layer's name, where there is no kernel. */
export async function measuredCost(
  { capabilities, measurements }: MeasurementContext,
  layer: Layer,
  precision: LayerPrecision,
  { batch, signal }: { readonly batch: number; readonly signal: AbortSignal | undefined },
): Promise<LayerCost> {
  const { weightBits, activationBits } = precision;
  try {
    assertSupportedPrecision(capabilities, weightBits, activationBits);
    if (!hasKernel(capabilities, layer, precision)) {
      const message = `${capabilities.name} has no kernel for ${layer.kind} layers with ${weightBits}-bit weights and ${activationBits}-bit activations`;
      throw new BitwrightError('unsupported', 'NO_KERNEL', message);
    }
    return await measurements.costOf({ shape: layer, precision, batch }, signal);
  } catch (error) {
    throw nameRefusal(error, layer);
  }
}
