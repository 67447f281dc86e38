import type { HardwareCapabilities, LayerCost } from '@bitwright/core';
import { type Accelerator, assertSupportedPrecision, type LayerShape, macsOf } from '@bitwright/hardware-kit';
import { PARAMETERS } from './parameters.js';

const { maximumBatchImages, teraOperationsPerSecondAt8Bits, dramGigabytesPerSecond, ...sheet } = PARAMETERS;
const { launchMicrosecondsPerLayer, ...described } = sheet;
const capabilities: HardwareCapabilities = {
  ...{ ...described, provenance: 'simulated', metrics: ['latency'], validation: [], additive: true },
  ...{ defaultBatch: 1, maximumBatch: maximumBatchImages, defaultCounted: 'all' },
};

/** t = max(operations / peak, bytes / bandwidth) + launch; the peak grows as weights get narrower. */
function layerCost(layer: LayerShape, weightBits: number, activationBits: number, batch: number): LayerCost {
  assertSupportedPrecision(capabilities, weightBits, activationBits);
  const operations = 2 * macsOf(layer) * batch;
  const computeMs = (operations * weightBits) / 8 / (teraOperationsPerSecondAt8Bits * 1e9);
  const trafficBytes = tensorBits(layer, weightBits, activationBits, batch) / 8;
  const memoryMs = trafficBytes / (dramGigabytesPerSecond * 1e6);
  const overheadMs = launchMicrosecondsPerLayer / 1e3;
  return {
    latencyMs: Math.max(computeMs, memoryMs) + overheadMs,
    bound: overheadMs > Math.max(computeMs, memoryMs) ? 'overhead' : computeMs > memoryMs ? 'compute' : 'memory',
    ...{ computeMs, memoryMs, overheadMs, trafficBytes, energyMj: undefined },
    ...{ executedWeightBits: weightBits, executedActivationBits: activationBits },
  };
}

/** Weights once for the batch, inputs and 8-bit results once for each image. */
function tensorBits(layer: LayerShape, weightBits: number, activationBits: number, batch: number): number {
  const outputPositions = layer.outputHeight * layer.outputWidth;
  const inputs = layer.inChannels * layer.inputHeight * layer.inputWidth;
  const results = layer.outChannels * outputPositions;
  return (macsOf(layer) / outputPositions) * weightBits + batch * (inputs * activationBits + results * 8);
}

/** The model: pure and deterministic. */
export const accelerator: Accelerator = { capabilities, layerCost };
