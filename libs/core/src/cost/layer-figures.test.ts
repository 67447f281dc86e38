import { describe, expect, it } from 'vitest';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import { DEFAULT_SCHEME, uniformPolicy } from '../policy/policy.js';
import { createPrecisionSpace } from '../policy/precision-space.js';
import { metricOf } from './budget.js';
import { METRICS } from './constraint.js';
import type { CostTable, LayerCost } from './cost-table.js';
import { cheapestPolicy, layerFigure } from './layer-figures.js';
import { createTargetsPricer } from './policy-cost.js';

const BITS = [2, 4, 8];

/** As measured hardware can be: 4-bit weights take longer than 8-bit ones. */
function cell(layer: number, weightBits: number, activationBits: number, factor: number): LayerCost {
  const latencyMs = factor * ((weightBits === 4 ? 20 : weightBits) + activationBits + layer / 8);
  const parts = { computeMs: undefined, memoryMs: undefined, overheadMs: undefined, trafficBytes: undefined };
  const executed = { executedWeightBits: weightBits, executedActivationBits: activationBits };
  return { ...parts, ...executed, latencyMs, energyMj: latencyMs / 2, bound: undefined };
}

const tableOf = (hardware: string, factor: number): CostTable => ({
  ...{ hardware, batch: 1, weightBits: BITS, activationBits: BITS, provenance: 'measured' },
  counted: SMALL_LAYERS.map((_, index) => index > 0),
  cells: SMALL_LAYERS.map((_, layer) => BITS.map((w) => BITS.map((a) => cell(layer, w, a, factor)))),
});
const tables = [tableOf('near', 1), tableOf('far', 3)];

describe('the part of a layer in a metric', () => {
  it('adds up to the metric of the policy, on every target', () => {
    const policy = uniformPolicy(SMALL_LAYERS.length, 4, 8);
    const cost = createTargetsPricer(SMALL_LAYERS, tables)(policy);
    for (const metric of METRICS) {
      for (const target of ['near', 'far']) {
        const figure = layerFigure(SMALL_LAYERS, tables, { metric, target });
        const sum = policy.layers.reduce((total, pair, layer) => total + figure(layer, pair), 0);
        expect(sum).toBeCloseTo(metricOf(cost, metric, target) ?? Number.NaN, 6);
      }
    }
  });

  it('leads to the cheapest policy, also where fewer bits cost more', () => {
    const options = { ...DEFAULT_SCHEME, pin: 'none', weightBits: [4, 8], activationBits: [2, 8], tables } as const;
    const space = createPrecisionSpace(SMALL_LAYERS, options);
    const figure = layerFigure(SMALL_LAYERS, tables, { metric: 'latency', target: 'far' });
    const { layers } = cheapestPolicy(space, figure);
    // The first layer does not count: of equals the fewest bits.
    expect(layers[0]).toEqual({ weightBits: 4, activationBits: 2 });
    expect(layers.slice(1).every(({ weightBits, activationBits }) => weightBits === 8 && activationBits === 2)).toBe(
      true,
    );
  });
});
