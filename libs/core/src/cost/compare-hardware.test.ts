import { describe, expect, it } from 'vitest';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import { uniformPolicy } from '../policy/policy.js';
import { createRandomSource } from '../random.js';
import { type ComparisonOptions, compareHardware, sharedBits } from './compare-hardware.js';
import type { CostTable, LayerCost } from './cost-table.js';

type Price = (layer: number, weightBits: number, activationBits: number) => number;

const PLAIN: Price = (layer, weightBits, activationBits) => (layer + 1) * weightBits * activationBits;

/** A target by the price of a layer, ms; 10 bytes a ms, and half as many mJ where it knows energy. */
function targetOf(hardware: string, price: Price, more: Partial<CostTable> & { readonly noEnergy?: boolean } = {}) {
  const { weightBits = [2, 4, 8], activationBits = [4, 8], noEnergy, ...rest } = more;
  const cell = (layer: number, weight: number, activation: number): LayerCost => {
    const latencyMs = price(layer, weight, activation);
    return {
      ...{ latencyMs, energyMj: noEnergy ? undefined : latencyMs / 2, trafficBytes: 10 * latencyMs },
      ...{ bound: 'memory', computeMs: 0, memoryMs: latencyMs, overheadMs: 0 },
      ...{ executedWeightBits: weight, executedActivationBits: activation },
    };
  };
  const table: CostTable = {
    ...{ hardware, batch: 2, provenance: 'simulated', weightBits, activationBits },
    counted: SMALL_LAYERS.map(() => true),
    cells: SMALL_LAYERS.map((_, layer) =>
      weightBits.map((weight) => activationBits.map((activation) => cell(layer, weight, activation))),
    ),
    ...rest,
  };
  return table;
}

const options = (): ComparisonOptions => ({
  policy: uniformPolicy(SMALL_LAYERS.length, 8),
  policies: 50,
  random: createRandomSource(3),
});

describe('two targets', () => {
  it('that differ only in speed put all policies in one order', () => {
    const slow = targetOf('slow', (...of) => 7 * PLAIN(...of) + 1);
    const comparison = compareHardware(SMALL_LAYERS, targetOf('fast', PLAIN), slow, options());
    expect(comparison).toMatchObject({ first: 'fast', second: 'slow', policies: 50 });
    expect(comparison.latencyCorrelation).toBeCloseTo(1, 12);
    expect(comparison.energyCorrelation).toBeCloseTo(1, 12);
    for (const { first, second } of comparison.layers) expect(first.rank).toBe(second.rank);
  });

  it('of which one likes wide weights and the other wide activations do not agree', () => {
    const weights = targetOf('weights', (layer, weight) => (layer + 1) * weight);
    const activations = targetOf('activations', (layer, _, activation) => (layer + 1) * activation);
    const { latencyCorrelation } = compareHardware(SMALL_LAYERS, weights, activations, options());
    expect(Math.abs(latencyCorrelation ?? 1)).toBeLessThan(0.5);
  });

  it('rank and share the layers that count, and say how intensely each computes', () => {
    const counted = SMALL_LAYERS.map((_, index) => index > 0);
    const target = targetOf('target', PLAIN, { counted });
    const { layers } = compareHardware(SMALL_LAYERS, target, target, options());
    expect(layers.map(({ first }) => first.rank)).toEqual([undefined, 5, 4, 3, 2, 1]);
    expect(layers.reduce((sum, { first }) => sum + first.share, 0)).toBeCloseTo(1, 12);
    expect(layers[5]?.first.share).toBeCloseTo(6 / (2 + 3 + 4 + 5 + 6), 12);
    const macs = SMALL_LAYERS[1]?.macs ?? 0;
    expect(layers[1]?.first.intensity).toBeCloseTo((2 * 64 * macs * 2) / (10 * 2 * 64), 9);
    expect(layers[1]?.first.marginals.perActivationBit?.latencyMs).toBeCloseTo(2 * 8, 12);
  });

  it('are compared over bits that both have, and in energy only where both know it', () => {
    const narrow = targetOf('narrow', PLAIN, { weightBits: [4, 8], activationBits: [8], noEnergy: true });
    const comparison = compareHardware(SMALL_LAYERS, targetOf('wide', PLAIN), narrow, options());
    expect(comparison.energyCorrelation).toBeUndefined();
    expect(sharedBits(targetOf('wide', PLAIN), narrow)).toEqual({ weightBits: [4, 8], activationBits: [8] });
  });

  it('without common bits are refused, each with what it runs', () => {
    const other = targetOf('other', PLAIN, { weightBits: [3] });
    expect(() => compareHardware(SMALL_LAYERS, targetOf('one', PLAIN), other, options())).toThrow(
      /one runs 2, 4, 8 bit, other 3; there is no policy that both can run/,
    );
  });
});
