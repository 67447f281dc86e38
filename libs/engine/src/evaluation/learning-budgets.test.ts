import {
  type CostTable,
  createPolicyPricer,
  deriveLayers,
  type LayerCost,
  type PrecisionBudget,
  pinnedUniformPolicy,
} from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { type BitBudget, usageOf } from './bit-budget.js';
import { bitBudgets } from './learning-budgets.js';
import { createToyNetwork } from './toy-task.test-support.js';

const LAYERS = deriveLayers(createToyNetwork());
const EIGHT = { weightBits: 8, activationBits: 8 };
const budgetsOf = (budget: PrecisionBudget) => bitBudgets(budget, LAYERS, 'first-last');

/** Latency of weight bits times activation bits, at these bits alone. */
function tableOf(bits: readonly number[], layers = LAYERS.length): CostTable {
  const cell = (weightBits: number, activationBits: number): LayerCost => ({
    ...{ latencyMs: weightBits * activationBits, energyMj: undefined, trafficBytes: undefined, bound: undefined },
    ...{ computeMs: undefined, memoryMs: undefined, overheadMs: undefined },
    ...{ executedWeightBits: weightBits, executedActivationBits: activationBits },
  });
  const cells = Array.from({ length: layers }, () => bits.map((weight) => bits.map((input) => cell(weight, input))));
  const counted = Array<boolean>(layers).fill(true);
  return { hardware: 'board', batch: 1, weightBits: bits, activationBits: bits, counted, provenance: 'table', cells };
}

const priced = (table: CostTable, metric: 'latency' | 'energy' = 'latency') =>
  budgetsOf({ kind: 'limits', limits: [{ metric, table, limit: 1000 }] })[0] as BitBudget;

describe('budgets of learned bits', () => {
  it('take means over the layers that are learned alone', () => {
    const budgets = budgetsOf({ kind: 'mean-bits', weightBits: 3, activationBits: 4 });
    const policy = LAYERS.map(({ index }) =>
      index === 0 || index === LAYERS.length - 1 ? EIGHT : { weightBits: 3, activationBits: 4 },
    );
    expect(budgets).toHaveLength(2);
    for (const budget of budgets) {
      expect(usageOf(budget, policy)).toBeCloseTo(1, 12);
      expect(budget.cost(0, EIGHT)).toBe(0);
    }
  });

  it('take what a table says at the next wider bits where it lacks the bits themselves', () => {
    const { cost } = priced(tableOf([2, 4, 8]));
    expect(cost(1, { weightBits: 3, activationBits: 2 })).toBe(8);
    expect(cost(1, { weightBits: 5, activationBits: 6 })).toBe(64);
    expect(cost(1, { weightBits: 2, activationBits: 2 })).toBe(4);
  });

  it('never cost more with fewer bits, even where a table says so', () => {
    const table = tableOf([2, 4]);
    const odd = { ...table, cells: table.cells.map(([narrow, wide]) => [wide, narrow].map((row) => row ?? [])) };
    const { cost } = priced(odd);
    const at = (weightBits: number) => cost(1, { weightBits, activationBits: 4 });
    expect(at(2)).toBeLessThanOrEqual(at(4));
  });

  it('price a policy in bytes, bit operations and effective bits as a search does, pinned layers included', () => {
    const policy = pinnedUniformPolicy(LAYERS.length, 3, 'first-last');
    const { sizeBytes, bops, effectiveBits } = createPolicyPricer(LAYERS, undefined)(policy);
    const limits = [
      { metric: 'size', limit: sizeBytes },
      { metric: 'bops', limit: 2 * bops },
      { metric: 'effective-bits', limit: 4 * effectiveBits },
    ] as const;
    const [size, operations, bits] = budgetsOf({ kind: 'limits', limits }) as [BitBudget, BitBudget, BitBudget];
    expect(usageOf(size, policy.layers)).toBeCloseTo(1, 12);
    expect(usageOf(operations, policy.layers)).toBeCloseTo(0.5, 12);
    expect(usageOf(bits, policy.layers)).toBeCloseTo(0.25, 12);
  });

  it('price bits that cannot be used in the end as the next wider ones, whatever is limited', () => {
    const { sizeBytes } = createPolicyPricer(LAYERS, undefined)(pinnedUniformPolicy(LAYERS.length, 4, 'first-last'));
    const widths = { weightBits: [4, 8], activationBits: [2, 8] };
    const limits = { kind: 'limits', limits: [{ metric: 'size', limit: sizeBytes }] } as const;
    const [size] = bitBudgets(limits, LAYERS, 'first-last', widths) as [BitBudget];
    expect(usageOf(size, pinnedUniformPolicy(LAYERS.length, 3, 'first-last').layers)).toBeCloseTo(1, 12);
    const [latency] = bitBudgets(
      { kind: 'limits', limits: [{ metric: 'latency', table: tableOf([1, 2, 3, 4, 5, 6, 7, 8]), limit: 1000 }] },
      LAYERS,
      'first-last',
      widths,
    ) as [BitBudget];
    expect(latency.cost(1, { weightBits: 5, activationBits: 3 })).toBe(64);
    expect(latency.cost(1, { weightBits: 3, activationBits: 2 })).toBe(8);
  });

  it('are refused with a table of another network, and say which cost a table lacks', () => {
    expect(() => priced(tableOf([8], 2))).toThrowError(/has 2 layers, the network has/);
    expect(() => priced(tableOf([2, 4])).cost(0, EIGHT)).toThrowError(/no cost for layer 0 at 8-bit weights/);
    expect(() => priced(tableOf([8]), 'energy').cost(0, EIGHT)).toThrowError(/board does not report energy/);
  });
});
