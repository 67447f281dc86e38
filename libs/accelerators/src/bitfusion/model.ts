import type { Bound, HardwareCapabilities, LayerCost } from '@bitwright/core';
import {
  type Accelerator,
  assertSupportedPrecision,
  createLayerCostCache,
  type LayerShape,
} from '@bitwright/hardware-kit';
import { type BitfusionActivity, bitfusionLayerActivity } from './layer-activity.js';
import type { BitfusionProfile } from './profile.js';
import { leastOfWiderPairs } from './wider-pairs.js';

/** Widths that 2-bit bricks can form, and those in between, which run as the next wider one. */
const BITS = [2, 3, 4, 5, 6, 7, 8] as const;

/** Every answer looks at all wider pairs of its layer; a network has about a hundred distinct layers. */
const REMEMBERED_SHAPES = 256;

/**
 * BitFusion (Sharma et al., arXiv 1712.01507) as its published simulator models it: an array whose 2-bit bricks fuse
 * to the width of the operands, so that time falls in steps of 2, 4 and 8 bits. Equations: docs/hardware/bitfusion.md.
 */
export function createBitfusion(profile: BitfusionProfile): Accelerator {
  const capabilities = bitfusionCapabilities(profile);
  const ofOnePair = createLayerCostCache(
    { capabilities, layerCost: (...asked) => bitfusionLayerCost(profile, ...asked) },
    REMEMBERED_SHAPES,
  );
  return {
    capabilities,
    layerCost: (layer, weightBits, activationBits, batch) => {
      assertSupportedPrecision(capabilities, weightBits, activationBits);
      return leastOfWiderPairs(ofOnePair.costsOf(layer, batch), capabilities, { weightBits, activationBits });
    },
  };
}

function bitfusionCapabilities(profile: BitfusionProfile): HardwareCapabilities {
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
    defaultCounted: 'all',
    additive: true,
    validation: profile.validation,
  };
}

/** Cost of exactly this pair, whether or not a wider one would cost less. */
function bitfusionLayerCost(
  profile: BitfusionProfile,
  layer: LayerShape,
  weightBits: number,
  activationBits: number,
  batch: number,
): LayerCost {
  const activity = bitfusionLayerActivity(profile, layer, weightBits, activationBits, batch);
  const { inputReadBits, weightReadBits, partialSumReadBits, writtenBits, energy } = activity;
  const toMs = (cycles: number) => cycles / (profile.clockMegahertz * 1e3);
  return {
    latencyMs: toMs(activity.cycles),
    energyMj: energy.coreMj + energy.bufferMj + energy.dramMj + energy.staticMj,
    trafficBytes: (inputReadBits + weightReadBits + partialSumReadBits + writtenBits) / 8,
    bound: bitfusionBound(activity),
    computeMs: toMs(activity.computeCycles),
    memoryMs: toMs(activity.memoryCycles),
    overheadMs: toMs(activity.fillAndDrainCycles),
    executedWeightBits: activity.executedWeightBits,
    executedActivationBits: activity.executedActivationBits,
  };
}

/**
 * What a layer waits for. `overhead` where it is so small that filling and draining the buffers, which nothing can
 * overlap, takes longer than the array and longer than what the memory moves meanwhile.
 */
function bitfusionBound({ computeCycles, memoryCycles, fillAndDrainCycles }: BitfusionActivity): Bound {
  if (fillAndDrainCycles > Math.max(computeCycles, memoryCycles - fillAndDrainCycles)) return 'overhead';
  return memoryCycles > computeCycles ? 'memory' : 'compute';
}
