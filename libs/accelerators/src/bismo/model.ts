import type { Bound, HardwareCapabilities, LayerCost } from '@bitwright/core';
import { type Accelerator, assertSupportedPrecision, type LayerShape } from '@bitwright/hardware-kit';
import { bismoEnergyMj } from './energy.js';
import { type BismoActivity, bismoLayerActivity } from './layer-activity.js';
import type { BismoProfile } from './profile.js';

/** Any width that bit-serial passes can form; HAQ's tables hold 1 to 8. */
const BITS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/**
 * BISMO (Umuroglu et al., arXiv 1806.08862) as the HAQ paper simulates it: a bit-serial matrix multiplier whose time
 * grows with weight bits x activation bits until reading an operand takes longer. Equations: docs/hardware/bismo.md.
 */
export function createBismo(profile: BismoProfile): Accelerator {
  const capabilities = bismoCapabilities(profile);
  return {
    capabilities,
    layerCost: (layer, weightBits, activationBits, batch) => {
      assertSupportedPrecision(capabilities, weightBits, activationBits);
      return bismoLayerCost(profile, layer, weightBits, activationBits, batch);
    },
  };
}

function bismoCapabilities(profile: BismoProfile): HardwareCapabilities {
  return {
    name: profile.name,
    description: profile.description,
    version: profile.version,
    provenance: 'simulated',
    metrics: ['latency', 'energy'],
    weightBits: BITS,
    activationBits: BITS,
    defaultBatch: profile.defaultBatchImages,
    maximumBatch: profile.maximumBatchImages,
    defaultCounted: profile.countedLayers,
    additive: true,
    validation: profile.validation,
  };
}

function bismoLayerCost(
  profile: BismoProfile,
  layer: LayerShape,
  weightBits: number,
  activationBits: number,
  batch: number,
): LayerCost {
  const activity = bismoLayerActivity(profile, layer, weightBits, activationBits, batch);
  const toMs = (cycles: number) => cycles / (profile.clockMegahertz * 1e3);
  const overheadMs = (profile.hostMicrosecondsPerLayer + profile.parallelToSerialMicrosecondsPerLayer) / 1e3;
  const latencyMs = toMs(activity.cycles) + overheadMs;
  const trafficBits = activity.weightReadBits + activity.activationReadBits + activity.writtenBits;
  return {
    latencyMs,
    energyMj: bismoEnergyMj(profile, activity, latencyMs),
    trafficBytes: trafficBits / 8,
    bound: overheadMs > toMs(activity.cycles) ? 'overhead' : bismoBound(activity),
    computeMs: toMs(activity.computeCycles),
    memoryMs: toMs(memoryCycles(activity)),
    overheadMs,
    executedWeightBits: weightBits,
    executedActivationBits: activationBits,
  };
}

/** The two operands come through ports of their own: the slower one counts. */
const memoryCycles = (activity: BismoActivity) =>
  Math.max(activity.weightStreamCycles, activity.activationStreamCycles);

/** Below this share of rows and columns in use, passes of the array are mostly empty. */
const LEAST_OCCUPANCY = 0.5;

/**
 * What a layer waits for: the longer of its streams, or its passes. Where the array is mostly empty only the occupied
 * part counts as work. Otherwise a depthwise layer, which fills one row in eight on the edge, would look bound by
 * compute at 8 bits, because its empty passes take as long as its activations take to arrive.
 */
function bismoBound(activity: BismoActivity): Bound {
  const { computeCycles, occupiedCycles } = activity;
  const workCycles = occupiedCycles < LEAST_OCCUPANCY * computeCycles ? occupiedCycles : computeCycles;
  return memoryCycles(activity) > workCycles ? 'memory' : 'compute';
}
