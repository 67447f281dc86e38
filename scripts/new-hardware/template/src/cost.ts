import type { LayerCost } from '@bitwright/core';
import { type Accelerator, assertSupportedPrecision, type LayerShape, macsOf } from '@bitwright/hardware-kit';
import { CAPABILITIES, PARAMETERS } from './parameters.js';

/** t = max(operations / peak, bytes / bandwidth) + launch; the peak grows as weights get narrower. */
function layerCost(layer: LayerShape, weightBits: number, activationBits: number, batch: number): LayerCost {
  assertSupportedPrecision(CAPABILITIES, weightBits, activationBits);
  const operationsPerMs = PARAMETERS.teraOperationsPerSecondAt8Bits * 1e9 * (8 / weightBits);
  const computeMs = (2 * macsOf(layer) * batch) / operationsPerMs;
  const trafficBytes = tensorBits(layer, weightBits, activationBits, batch) / 8;
  const memoryMs = trafficBytes / (PARAMETERS.dramGigabytesPerSecond * 1e6);
  const overheadMs = PARAMETERS.launchMicrosecondsPerLayer / 1e3;
  const longerMs = Math.max(computeMs, memoryMs);
  return {
    latencyMs: longerMs + overheadMs,
    bound: overheadMs > longerMs ? 'overhead' : computeMs > memoryMs ? 'compute' : 'memory',
    ...{ computeMs, memoryMs, overheadMs, trafficBytes, energyMj: undefined },
    ...{ executedWeightBits: weightBits, executedActivationBits: activationBits },
  };
}

/** Weights once for the batch, inputs and 8-bit results once for each image. */
function tensorBits(layer: LayerShape, weightBits: number, activationBits: number, batch: number): number {
  const outputPositions = layer.outputHeight * layer.outputWidth;
  const weights = macsOf(layer) / outputPositions;
  const inputs = layer.inChannels * layer.inputHeight * layer.inputWidth;
  const results = layer.outChannels * outputPositions;
  return weights * weightBits + batch * (inputs * activationBits + results * 8);
}

/** The model: pure and deterministic. */
export const accelerator: Accelerator = { capabilities: CAPABILITIES, layerCost };
