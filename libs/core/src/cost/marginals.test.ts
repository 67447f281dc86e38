import { describe, expect, it } from 'vitest';
import type { CostTable, LayerCost } from './cost-table.js';
import { marginalsOf } from './marginals.js';

/** One layer whose time is 10 w + 3 a + w a ms, on hardware with widths far apart. */
function tableOf(energyOf: (latencyMs: number) => number | undefined): CostTable {
  const [weightBits, activationBits] = [
    [2, 4, 8],
    [3, 8],
  ];
  const cell = (weight: number, activation: number): LayerCost => {
    const latencyMs = 10 * weight + 3 * activation + weight * activation;
    return {
      ...{ latencyMs, energyMj: energyOf(latencyMs), trafficBytes: 0, bound: 'compute' },
      ...{ computeMs: latencyMs, memoryMs: 0, overheadMs: 0 },
      ...{ executedWeightBits: weight, executedActivationBits: activation },
    };
  };
  return {
    ...{ hardware: 'sample', batch: 1, counted: [true], provenance: 'simulated', weightBits, activationBits },
    cells: [weightBits.map((weight) => activationBits.map((activation) => cell(weight, activation)))],
  };
}

describe('marginals', () => {
  it('are the step to the next narrower width, a bit', () => {
    const table = tableOf((latencyMs) => 2 * latencyMs);
    expect(marginalsOf(table, 0, 8, 8)).toEqual({
      perWeightBit: { latencyMs: 18, energyMj: 36 },
      perActivationBit: { latencyMs: 11, energyMj: 22 },
    });
    expect(marginalsOf(table, 0, 4, 3).perWeightBit).toEqual({ latencyMs: 13, energyMj: 26 });
  });

  it('are absent at the narrowest width', () => {
    const table = tableOf(() => 1);
    expect(marginalsOf(table, 0, 2, 3)).toEqual({ perWeightBit: undefined, perActivationBit: undefined });
  });

  it('know no energy where the hardware knows none', () => {
    expect(
      marginalsOf(
        tableOf(() => undefined),
        0,
        8,
        8,
      ).perWeightBit,
    ).toEqual({
      latencyMs: 18,
      energyMj: undefined,
    });
  });

  it('refuse bits that the table does not have', () => {
    expect(() =>
      marginalsOf(
        tableOf(() => 1),
        0,
        5,
        8,
      ),
    ).toThrow(expect.objectContaining({ kind: 'unsupported' }));
  });
});
