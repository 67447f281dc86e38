import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import { FLOAT_BITS, type PrecisionPolicy, uniformPolicy } from '../policy/policy.js';
import { type CostTable, costCell, type LayerCost } from './cost-table.js';
import { costOfPolicy, createPolicyPricer, createTargetsPricer } from './policy-cost.js';

const BITS = [1, 2, 3, 4, 5, 6, 7, 8];

/** Latency 100 * layer + 10 * weight bits + activation bits; energy a tenth of it. */
function cell(layer: number, weightBits: number, activationBits: number): LayerCost {
  const latencyMs = 100 * layer + 10 * weightBits + activationBits;
  const parts = { computeMs: latencyMs, memoryMs: 0, overheadMs: 0, trafficBytes: 0, bound: 'compute' as const };
  return {
    ...parts,
    latencyMs,
    energyMj: latencyMs / 10,
    executedWeightBits: weightBits,
    executedActivationBits: activationBits,
  };
}

const table: CostTable = {
  hardware: 'toy',
  batch: 1,
  weightBits: BITS,
  activationBits: BITS,
  counted: SMALL_LAYERS.map((_, index) => index !== 0 && index !== 5),
  provenance: 'table',
  cells: SMALL_LAYERS.map((_, layer) =>
    BITS.map((weight) => BITS.map((activation) => cell(layer, weight, activation))),
  ),
};

const weights = SMALL_LAYERS.reduce((sum, layer) => sum + layer.weights, 0);

describe('the cost of a policy', () => {
  it('sums latency and energy over the counted layers only', () => {
    const { latencyMs, energyMj } = costOfPolicy(SMALL_LAYERS, table, uniformPolicy(6, 4, 2));
    expect(latencyMs).toBe(100 * (1 + 2 + 3 + 4) + 4 * 42);
    expect(energyMj).toBeCloseTo(116.8, 9);
  });

  it('counts the weights of all layers in bytes and bits', () => {
    const cost = costOfPolicy(SMALL_LAYERS, table, uniformPolicy(6, 4, 2));
    expect(cost.sizeBytes).toBe((weights * 4) / 8);
    expect(cost.effectiveBits).toBe(4);
    expect(cost.bops).toBe(SMALL_LAYERS.reduce((sum, layer) => sum + layer.macs, 0) * 4 * 2);
  });

  it('weighs effective bits by the number of weights', () => {
    const layers = uniformPolicy(6, 2).layers.map((layer, index) =>
      index === 5 ? { ...layer, weightBits: 8 } : layer,
    );
    const cost = costOfPolicy(SMALL_LAYERS, undefined, { ...uniformPolicy(6, 2), layers });
    expect(cost.effectiveBits).toBeCloseTo((2 * (weights - 80) + 8 * 80) / weights, 12);
  });

  it('has no latency or energy without a table or with a layer in float', () => {
    expect(costOfPolicy(SMALL_LAYERS, undefined, uniformPolicy(6, 8)).latencyMs).toBeUndefined();
    const weightsOnly = costOfPolicy(SMALL_LAYERS, table, uniformPolicy(6, 8, FLOAT_BITS));
    expect(weightsOnly.latencyMs).toBeUndefined();
    expect(weightsOnly.energyMj).toBeUndefined();
    expect(weightsOnly.sizeBytes).toBe(weights);
  });

  it('has no energy when the hardware knows none for a layer', () => {
    const cells = table.cells.map((rows) =>
      rows.map((row) => row.map((layer) => layer && { ...layer, energyMj: undefined })),
    );
    const cost = costOfPolicy(SMALL_LAYERS, { ...table, cells }, uniformPolicy(6, 8));
    expect(cost.energyMj).toBeUndefined();
    expect(cost.latencyMs).toBeGreaterThan(0);
  });

  it('never falls when a layer gets more bits', () => {
    const anyLayer = fc.record({ weightBits: fc.constantFrom(...BITS), activationBits: fc.constantFrom(...BITS) });
    const anyPolicy = fc
      .array(anyLayer, { minLength: 6, maxLength: 6 })
      .map((layers): PrecisionPolicy => ({ ...uniformPolicy(0, 8), layers }));
    fc.assert(
      fc.property(anyPolicy, fc.nat(5), (policy, raised) => {
        const layers = policy.layers.map((layer, index) =>
          index === raised ? { weightBits: 8, activationBits: 8 } : layer,
        );
        const [before, after] = [policy, { ...policy, layers }].map((one) => costOfPolicy(SMALL_LAYERS, table, one));
        for (const key of ['latencyMs', 'energyMj', 'sizeBytes', 'bops', 'effectiveBits'] as const) {
          expect(after?.[key] as number).toBeGreaterThanOrEqual(before?.[key] as number);
        }
      }),
    );
  });
});

describe('pricing many policies', () => {
  const price = createPolicyPricer(SMALL_LAYERS, table);
  const anyBits = fc.record({ weightBits: fc.constantFrom(...BITS), activationBits: fc.constantFrom(...BITS) });
  const policyOf = (layers: PrecisionPolicy['layers']): PrecisionPolicy => ({ ...uniformPolicy(0, 8), layers });

  it('adds up the cells of the counted layers, in their order, to the last bit', () => {
    fc.assert(
      fc.property(fc.array(anyBits, { minLength: 6, maxLength: 6 }), (layers) => {
        let latencyMs = 0;
        let energyMj = 0;
        layers.forEach(({ weightBits, activationBits }, index) => {
          if (table.counted[index] !== true) return;
          latencyMs += costCell(table, index, weightBits, activationBits).latencyMs;
          energyMj += costCell(table, index, weightBits, activationBits).energyMj ?? Number.NaN;
        });
        expect(price(policyOf(layers))).toMatchObject({ latencyMs, energyMj });
      }),
    );
  });

  it('finds the cells of a table that has only some widths', () => {
    const cells = SMALL_LAYERS.map((_, layer) => [[cell(layer, 2, 4)], [cell(layer, 8, 4)]]);
    const sparse = createPolicyPricer(SMALL_LAYERS, { ...table, weightBits: [2, 8], activationBits: [4], cells });
    expect(sparse(uniformPolicy(6, 8, 4)).latencyMs).toBe(100 * (1 + 2 + 3 + 4) + 4 * 84);
    expect(() => sparse(uniformPolicy(6, 4, 4))).toThrow('layer 1 at 4-bit weights and 4-bit activations');
  });

  it.each([-1, 0, 9, 2.5, Number.NaN, 41])('never takes %s bits for those of another row', (bits) => {
    const unsupported = expect.objectContaining({ kind: 'unsupported', reason: 'PRECISION_UNSUPPORTED' });
    expect(() => price(uniformPolicy(6, bits, 8))).toThrow(unsupported);
    expect(() => price(uniformPolicy(6, 8, bits))).toThrow(unsupported);
  });

  it('leaves the bits of layers that do not count aside', () => {
    const cells = table.cells.map((rows, layer) => (layer === 0 ? [] : rows));
    const layers = uniformPolicy(6, 4).layers;
    expect(createPolicyPricer(SMALL_LAYERS, { ...table, cells })(policyOf(layers)).latencyMs).toBe(1000 + 4 * 44);
  });
});

describe('a cell of a cost table', () => {
  it('is found by bits, not by position', () => {
    const sparse = { ...table, weightBits: [2, 8], activationBits: [4], cells: [[[cell(0, 2, 4)], [cell(0, 8, 4)]]] };
    expect(costCell(sparse, 0, 8, 4).latencyMs).toBe(84);
  });

  it.each([
    [0, 9, 8],
    [0, 8, FLOAT_BITS],
    [6, 8, 8],
  ])('is refused for layer %i at %i/%i bits that the table lacks', (layer, weightBits, activationBits) => {
    expect(() => costCell(table, layer, weightBits, activationBits)).toThrow(
      expect.objectContaining({ kind: 'unsupported', reason: 'PRECISION_UNSUPPORTED' }),
    );
  });
});

describe('the cost on several targets', () => {
  const other: CostTable = {
    ...table,
    hardware: 'other',
    counted: table.counted.map(() => true),
    cells: table.cells.map((rows) => rows.map((row) => row.map((cost) => cost && { ...cost, energyMj: undefined }))),
  };
  const policy = uniformPolicy(6, 4, 2);

  it('is that of each alone, and of the first for the policy', () => {
    const cost = createTargetsPricer(SMALL_LAYERS, [table, other])(policy);
    const [first, second] = [table, other].map((one) => costOfPolicy(SMALL_LAYERS, one, policy));
    expect({ ...cost, targets: undefined }).toEqual({ ...first, targets: undefined });
    expect(cost.targets).toEqual([
      { hardware: 'toy', latencyMs: first?.latencyMs, energyMj: first?.energyMj },
      { hardware: 'other', latencyMs: second?.latencyMs, energyMj: undefined },
    ]);
  });

  it('of a single one lists no targets', () => {
    expect(createTargetsPricer(SMALL_LAYERS, [table])(policy)).toEqual(costOfPolicy(SMALL_LAYERS, table, policy));
  });
});
