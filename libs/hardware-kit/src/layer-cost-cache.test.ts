import { describe, expect, it } from 'vitest';
import { createLayerCostCache } from './layer-cost-cache.js';
import { createBitProductAccelerator } from './testing/bit-product-accelerator.js';
import { convolutionLayer } from './testing/sample-layers.js';

const layerOf = (outChannels: number) => convolutionLayer({ inChannels: 4, outChannels, size: 2 });

describe('the cache of layer costs', () => {
  it('answers what the accelerator answers, for each batch apart', () => {
    const accelerator = createBitProductAccelerator();
    const cache = createLayerCostCache(accelerator);
    for (const batch of [1, 2]) {
      expect(cache.costsOf(layerOf(8), batch)(4, 8)).toEqual(accelerator.layerCost(layerOf(8), 4, 8, batch));
    }
  });

  it('keeps no more shapes than it may and drops the one used longest ago', () => {
    const accelerator = createBitProductAccelerator();
    const cache = createLayerCostCache(accelerator, 2);
    for (const channels of [1, 2, 1, 3]) cache.costsOf(layerOf(channels), 1)(2, 4);
    expect(cache.size()).toBe(2);
    expect(accelerator.calls).toHaveLength(3);
    cache.costsOf(layerOf(1), 1)(2, 4);
    expect(accelerator.calls).toHaveLength(3);
    cache.costsOf(layerOf(2), 1)(2, 4);
    expect(accelerator.calls).toHaveLength(4);
  });

  it('does not remember a refusal', () => {
    const costs = createLayerCostCache(createBitProductAccelerator()).costsOf(layerOf(8), 1);
    expect(() => costs(3, 8)).toThrow();
    expect(() => costs(3, 8)).toThrow();
  });
});
