import type { Bound, HardwareCapabilities, LayerCost } from '@bitwright/core';
import {
  type Accelerator,
  assertSupportedPrecision,
  energyParts,
  type LayerShape,
  macsOf,
  totalEnergyMj,
} from '@bitwright/hardware-kit';
import { bitsOf, executedBits, peakAt } from './peak-table.js';
import type { Peak, RooflineProfile } from './profile.js';

/**
 * A device as its roofline (Williams et al., CACM 2009): a layer takes what its operations or its tensors take, whichever
 * is longer, and a launch. Equations: docs/hardware/roofline.md.
 */
export function createRoofline(profile: RooflineProfile): Accelerator {
  const capabilities = rooflineCapabilities(profile);
  return {
    capabilities,
    layerCost: (layer, weightBits, activationBits, batch) => {
      assertSupportedPrecision(capabilities, weightBits, activationBits);
      return rooflineLayerCost(profile, layer, peakAt(profile, weightBits, activationBits), batch);
    },
  };
}

function rooflineCapabilities(profile: RooflineProfile): HardwareCapabilities {
  return {
    name: profile.name,
    description: `${profile.description}${profile.validation.length === 0 ? '; not validated' : ''}`,
    version: profile.version,
    provenance: 'simulated',
    metrics: ['latency', 'energy'],
    weightBits: bitsOf(profile.peaks, 'weightBits'),
    activationBits: bitsOf(profile.peaks, 'activationBits'),
    defaultBatch: profile.defaultBatchImages,
    maximumBatch: profile.maximumBatchImages,
    defaultCounted: profile.countedLayers,
    additive: true,
    validation: profile.validation,
  };
}

/** Operations that a tera-operation a second does in a millisecond, and bytes that a gigabyte a second moves. */
const OPERATIONS_PER_MS = 1e9;
const BYTES_PER_MS = 1e6;

/** t = max(2 MACs / peak(w, a), bits / bandwidth) + launch. */
function rooflineLayerCost(profile: RooflineProfile, layer: LayerShape, peak: Peak, batch: number): LayerCost {
  const macs = macsOf(layer) * batch;
  const dramBits = tensorBits(profile, layer, peak, batch);
  const computeMs = (2 * macs) / (peak.teraOperationsPerSecond * OPERATIONS_PER_MS);
  const memoryMs = dramBits / 8 / (profile.dramGigabytesPerSecond * BYTES_PER_MS);
  const overheadMs = profile.launchMicrosecondsPerLayer / 1e3;
  const latencyMs = Math.max(computeMs, memoryMs) + overheadMs;
  const executed = executedBits(peak);
  const { accumulatorBits } = profile;
  const activity = { ...executed, macs, accumulatorBits, sramBits: 0, dramBits, latencyMs };
  return {
    latencyMs,
    // What moves on the chip is not part of the model.
    energyMj: totalEnergyMj(energyParts({ ...profile, sramPicojoulesPerBit: 0 }, activity)),
    trafficBytes: dramBits / 8,
    bound: boundBy(computeMs, memoryMs, overheadMs),
    ...{ computeMs, memoryMs, overheadMs },
    ...executed,
  };
}

/** Weights once for the batch, inputs and results once for each image: M K w + cin Hi Wi a + M P r. */
function tensorBits({ resultBits }: RooflineProfile, layer: LayerShape, peak: Peak, batch: number): number {
  const outputPositions = layer.outputHeight * layer.outputWidth;
  const weights = macsOf(layer) / outputPositions;
  const inputs = layer.inChannels * layer.inputHeight * layer.inputWidth * batch;
  const results = layer.outChannels * outputPositions * batch;
  return weights * peak.weightBits + inputs * peak.activationBits + results * resultBits;
}

function boundBy(computeMs: number, memoryMs: number, overheadMs: number): Bound {
  if (overheadMs > Math.max(computeMs, memoryMs)) return 'overhead';
  return memoryMs > computeMs ? 'memory' : 'compute';
}
