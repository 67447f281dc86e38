import { type HardwareCapabilities, type HardwareOptions, invalidField, type Layer } from '@bitwright/core';
import { throwIfCancelled } from './cancellation.js';
import { countedFlags } from './counted-layers.js';
import { assertLayers } from './layer-shape.js';

/**
 * Fills in what the capabilities give as default. Throws `invalid_argument` that names the field for a batch or layers that
 * the target cannot take, `cancelled` when the signal has fired.
 */
export function readHardwareRequest(
  capabilities: HardwareCapabilities,
  layers: readonly Layer[],
  options: HardwareOptions,
): { readonly batch: number; readonly counted: readonly boolean[] } {
  throwIfCancelled(options.signal);
  const { defaultBatch, maximumBatch, defaultCounted } = capabilities;
  const batch = options.batch ?? defaultBatch;
  if (!Number.isInteger(batch) || batch < 1 || batch > maximumBatch) {
    throw invalidField('batch', `is ${batch}; use 1 to ${maximumBatch} images`, 'BATCH');
  }
  assertLayers(layers, batch);
  return { batch, counted: countedFlags(options.counted ?? defaultCounted, layers.length) };
}
