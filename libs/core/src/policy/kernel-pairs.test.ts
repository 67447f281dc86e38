import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CostTable, LayerCost } from '../cost/cost-table.js';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import { widenPair, widenToKernels } from './kernel-pairs.js';
import { DEFAULT_SCHEME, type LayerPrecision, uniformPolicy } from './policy.js';
import { createPrecisionSpace, isInSpace, smallestPolicy, uniformInSpace } from './precision-space.js';

const BITS = [4, 8, 32];
const LAST = SMALL_LAYERS.length - 1;

/** A processor: integers of 8 bits or float, and 4-bit weights in the last layer alone. */
const isKernel = (layer: number, weight: number, activation: number) =>
  (weight === 32 ? activation === 32 : activation === 8) && (weight !== 4 || layer === LAST);

const cost = (weight: number, activation: number): LayerCost => ({
  ...{ latencyMs: weight, energyMj: undefined, trafficBytes: undefined, bound: undefined },
  ...{ computeMs: undefined, memoryMs: undefined, overheadMs: undefined },
  ...{ executedWeightBits: weight, executedActivationBits: activation },
});

const table: CostTable = {
  ...{ hardware: 'processor', batch: 1, provenance: 'measured', weightBits: BITS, activationBits: [8, 32] },
  counted: SMALL_LAYERS.map(() => true),
  cells: SMALL_LAYERS.map((_, layer) =>
    BITS.map((weight) => [8, 32].map((bits) => (isKernel(layer, weight, bits) ? cost(weight, bits) : undefined))),
  ),
};
const options = { ...DEFAULT_SCHEME, pin: 'none', tables: [table] } as const;

describe('a space on hardware with few kernels', () => {
  it('offers each layer what the hardware can run, and no other combination', () => {
    const space = createPrecisionSpace(SMALL_LAYERS, { ...options, weightBits: BITS, activationBits: [8, 32] });
    expect(space.layers[0]).toEqual({
      weightBits: [8, 32],
      activationBits: [8, 32],
      pairs: [
        { weightBits: 8, activationBits: 8 },
        { weightBits: 32, activationBits: 32 },
      ],
    });
    expect(space.layers[LAST]?.weightBits).toEqual([4, 8, 32]);
    expect(isInSpace(space, uniformPolicy(SMALL_LAYERS.length, 8))).toBe(true);
    expect(isInSpace(space, uniformPolicy(SMALL_LAYERS.length, 8, 32))).toBe(false);
    expect(isInSpace(space, smallestPolicy(space))).toBe(true);
    expect(uniformInSpace(space, 4).layers.map(({ weightBits }) => weightBits)).toEqual([8, 8, 8, 8, 8, 4]);
  });

  it('needs no pairs where every combination of what is left can run', () => {
    const space = createPrecisionSpace(SMALL_LAYERS, { ...options, weightBits: [2, 3, 4, 8], activationBits: [4, 8] });
    expect(space.layers[0]).toEqual({ weightBits: [8], activationBits: [8] });
    expect(space.layers[LAST]).toEqual({ weightBits: [4, 8], activationBits: [8] });
  });

  it('offers what every one of several targets can run, pair by pair', () => {
    const floatOnly: CostTable = {
      ...table,
      hardware: 'float-and-mixed',
      cells: table.cells.map(() =>
        BITS.map((weight) => [8, 32].map((bits) => (bits === 32 || weight === 32 ? cost(weight, bits) : undefined))),
      ),
    };
    const space = createPrecisionSpace(SMALL_LAYERS, {
      ...{ ...options, tables: [table, floatOnly] },
      weightBits: [8, 32],
      activationBits: [8, 32],
    });
    expect(space.layers[0]).toEqual({ weightBits: [32], activationBits: [32] });
    const apart = () =>
      createPrecisionSpace(SMALL_LAYERS, {
        ...options,
        tables: [table, floatOnly],
        weightBits: [8],
        activationBits: [8],
      });
    expect(apart).toThrow(/float-and-mixed has no cost for layer 0 at 8-bit weights and 8-bit activations/);
  });

  it('refuses a layer that counts and can run at none, with the reason that the hardware gave', () => {
    const failures = [{ layer: 2, message: 'there is no kernel for groups' }];
    const cells = table.cells.map((rows, layer) => (layer === 2 ? rows.map((row) => row.map(() => undefined)) : rows));
    const broken = { ...table, cells, failures };
    const create = (tableOf: CostTable) =>
      createPrecisionSpace(SMALL_LAYERS, { ...options, tables: [tableOf], weightBits: [8], activationBits: [8] });
    expect(() => create(broken)).toThrow(
      'processor has no cost for layer 2 at 8-bit weights and 8-bit activations: there is no kernel for groups',
    );
    const counted = table.counted.map((_, layer) => layer !== 2);
    expect(create({ ...broken, counted }).layers[2]).toEqual({ weightBits: [8], activationBits: [8] });
  });

  it('leaves float as asked where the hardware does not price it', () => {
    const integersOnly = {
      ...table,
      activationBits: [8],
      cells: table.cells.map((rows) => rows.map(([row]) => [row])),
    };
    const space = createPrecisionSpace(SMALL_LAYERS, {
      ...{ ...options, tables: [integersOnly] },
      ...{ weightBits: [8], activationBits: [32] },
    });
    expect(space.layers[0]).toEqual({ weightBits: [8], activationBits: [32] });
  });
});

describe('widening a policy to kernels', () => {
  const anyPair = fc.record({ weightBits: fc.constantFrom(1, 2, 4, 8, 32), activationBits: fc.constantFrom(4, 8, 32) });
  const pairsOf = fc.uniqueArray(anyPair, {
    minLength: 1,
    selector: ({ weightBits, activationBits }) => `${weightBits}/${activationBits}`,
  });

  it('gives a pair that exists, at least as wide where there is one, and leaves what exists alone', () => {
    fc.assert(
      fc.property(pairsOf, anyPair, (pairs, asked) => {
        const widened = widenPair(pairs, asked);
        expect(pairs).toContainEqual(widened);
        const isWide = (pair: LayerPrecision) =>
          pair.weightBits >= asked.weightBits && pair.activationBits >= asked.activationBits;
        expect(isWide(widened)).toBe(pairs.some(isWide));
        expect(widenPair(pairs, widened)).toEqual(widened);
      }),
    );
  });

  it('gives the same policy back where the hardware has every combination', () => {
    const space = createPrecisionSpace(SMALL_LAYERS, {
      ...DEFAULT_SCHEME,
      ...{ weightBits: [2, 8], activationBits: [2, 8], pin: 'none' },
    });
    const policy = uniformPolicy(SMALL_LAYERS.length, 2, 8);
    expect(widenToKernels(space, policy)).toBe(policy);
  });
});
