import { describe, expect, it } from 'vitest';
import type { CostTable, LayerCost } from '../cost/cost-table.js';
import type { PrecisionSpace } from '../policy/precision-space.js';
import type { PrecisionLimit } from '../ports/precision-learning.js';
import { learnedInSpace } from './learned-in-space.js';

const BITS = [2, 3, 4, 8];
/** Three bits have to be unpacked. */
const LATENCY_MS: Readonly<Record<number, number>> = { 2: 1, 3: 5, 4: 4, 8: 8 };

const cell = (weightBits: number, activationBits: number): LayerCost => ({
  latencyMs: Math.max(LATENCY_MS[weightBits] as number, LATENCY_MS[activationBits] as number),
  ...{ energyMj: undefined, trafficBytes: undefined, bound: undefined },
  ...{ computeMs: undefined, memoryMs: undefined, overheadMs: undefined },
  ...{ executedWeightBits: weightBits, executedActivationBits: activationBits },
});
const cells = [BITS.map((weight) => BITS.map((input) => cell(weight, input)))];
const table: CostTable = {
  ...{ hardware: 'board', batch: 1, weightBits: BITS, activationBits: BITS, counted: [true], cells },
  provenance: 'table',
};
const latency: PrecisionLimit = { metric: 'latency', table, limit: 10 };

function usedBits(weightBits: number, activationBits: number, limits: readonly PrecisionLimit[], choices = BITS) {
  const space: PrecisionSpace = {
    layers: [{ weightBits: choices, activationBits: choices }],
    ...{ weightQuantizer: 'linear', granularity: 'per-channel' },
  };
  const learned = { weightQuantizer: 'k-means', granularity: 'per-tensor', layers: [{ weightBits, activationBits }] };
  const { layers, weightQuantizer } = learnedInSpace(space, learned as never, limits);
  expect(weightQuantizer).toBe('linear');
  const [{ weightBits: weight, activationBits: input } = { weightBits: 0, activationBits: 0 }] = layers;
  return [weight, input];
}

describe('learned bits in a search', () => {
  it('take the next wider widths where the search lacks them', () => {
    expect(usedBits(5, 2, [])).toEqual([8, 2]);
    expect(usedBits(3, 3, [], [4, 8])).toEqual([4, 4]);
  });

  it('take wider ones that cost less of what is limited, and no others', () => {
    expect(usedBits(3, 3, [latency])).toEqual([4, 4]);
    expect(usedBits(3, 4, [latency])).toEqual([4, 4]);
    expect(usedBits(2, 4, [latency])).toEqual([2, 4]);
    expect(usedBits(2, 2, [latency])).toEqual([2, 2]);
  });

  it('stay where another limit would take more, or the hardware does not count the layer', () => {
    expect(usedBits(3, 3, [latency, { metric: 'size', limit: 10 }])).toEqual([3, 3]);
    expect(usedBits(3, 3, [{ ...latency, table: { ...table, counted: [false] } }])).toEqual([3, 3]);
  });
});
