import type { HardwareCapabilities, LayerCost } from '@bitwright/core';
import { type Accelerator, assertSupportedPrecision, type LayerShape, totalEnergyMj } from '@bitwright/hardware-kit';
import { systolicEnergyParts } from './energy.js';
import { systolicLayerActivity } from './layer-activity.js';
import type { Precision } from './layer-sizes.js';
import type { SystolicProfile } from './profile.js';

/**
 * A systolic array of any size and dataflow between two levels of memory, after SCALE-Sim's analytical model (Samajdar
 * et al., ISPASS 2020), with products that may get faster with fewer bits. Equations: docs/hardware/systolic.md.
 */
export function createSystolic(profile: SystolicProfile): Accelerator {
  const capabilities = systolicCapabilities(profile);
  return {
    capabilities,
    layerCost: (layer, weightBits, activationBits, batch) => {
      assertSupportedPrecision(capabilities, weightBits, activationBits);
      return systolicLayerCost(profile, layer, { weightBits, activationBits }, batch);
    },
  };
}

function systolicCapabilities(profile: SystolicProfile): HardwareCapabilities {
  return {
    name: profile.name,
    description: `${profile.description}; grouped layers lowered as ${profile.groupedLowering}${profile.validation.length === 0 ? '; not validated' : ''}`,
    version: profile.version,
    provenance: 'simulated',
    metrics: ['latency', 'energy'],
    weightBits: profile.weightBits,
    activationBits: profile.activationBits,
    defaultBatch: profile.defaultBatchImages,
    maximumBatch: profile.maximumBatchImages,
    defaultCounted: profile.countedLayers,
    additive: true,
    validation: profile.validation,
  };
}

function systolicLayerCost(
  profile: SystolicProfile,
  layer: LayerShape,
  precision: Precision,
  batch: number,
): LayerCost {
  const activity = systolicLayerActivity(profile, layer, precision, batch);
  const toMs = (cycles: number) => cycles / (profile.clockMegahertz * 1e3);
  const [computeMs, memoryMs] = [toMs(activity.computeCycles), toMs(activity.dramCycles)];
  const overheadMs = profile.hostMicrosecondsPerLayer / 1e3;
  const latencyMs = toMs(activity.cycles) + overheadMs;
  return {
    latencyMs,
    energyMj: totalEnergyMj(systolicEnergyParts(profile, activity, latencyMs)),
    trafficBytes: activity.dramBits / 8,
    bound: overheadMs > toMs(activity.cycles) ? 'overhead' : memoryMs > computeMs ? 'memory' : 'compute',
    computeMs,
    memoryMs,
    overheadMs,
    executedWeightBits: activity.mode.executedWeightBits,
    executedActivationBits: activity.mode.executedActivationBits,
  };
}
