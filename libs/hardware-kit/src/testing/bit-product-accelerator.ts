import type { HardwareCapabilities } from '@bitwright/core';
import { type Accelerator, assertSupportedPrecision, type LayerShape } from '../accelerator.js';
import { macsOf } from '../layer-shape.js';

/** A toy accelerator and what it was asked, in order. */
export type BitProductAccelerator = Accelerator & { readonly calls: readonly LayerShape[] };

/** The simplest model that meets the contract, for tests: one nanosecond per MAC, weight bit and activation bit. */
export function createBitProductAccelerator(overrides: Partial<HardwareCapabilities> = {}): BitProductAccelerator {
  const calls: LayerShape[] = [];
  const capabilities: HardwareCapabilities = {
    name: 'bit-product',
    description: 'one nanosecond for each MAC and pair of bits',
    version: '1',
    provenance: 'simulated',
    metrics: ['latency'],
    weightBits: [2, 4, 8],
    activationBits: [4, 8],
    defaultBatch: 1,
    maximumBatch: 4,
    defaultCounted: 'all',
    additive: true,
    validation: [],
    ...overrides,
  };
  return {
    capabilities,
    calls,
    layerCost: (layer, weightBits, activationBits, batch) => {
      assertSupportedPrecision(capabilities, weightBits, activationBits);
      calls.push(layer);
      const latencyMs = (macsOf(layer) * batch * weightBits * activationBits) / 1e6;
      const parts = { computeMs: latencyMs, memoryMs: 0, overheadMs: 0, bound: 'compute' } as const;
      const executed = { executedWeightBits: weightBits, executedActivationBits: activationBits };
      return { latencyMs, energyMj: undefined, trafficBytes: weightBits + activationBits, ...parts, ...executed };
    },
  };
}
