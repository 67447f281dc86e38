import type { Layer } from '@bitwright/core';
import { type LookupCell, toLookupTable } from '@bitwright/cost-tables';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { createBitProductAccelerator, SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { open, ship, sparse } from './sample-table.test-support.js';

const shape = SAMPLE_LAYERS[2] as Layer;
const refused = (message: string) =>
  expect.objectContaining({
    kind: 'unsupported',
    reason: 'PRECISION_NOT_IN_TABLE',
    message: expect.stringContaining(message),
  });

describe('missing pairs of bits, run as the next wider pair', () => {
  it('cost what the fastest pair costs that is wide enough, and say what is run', async () => {
    const table = open(await sparse((weightBits) => weightBits === 4), 'wider');
    expect(table.layerCost(shape, 4, 4, 1)).toEqual(table.layerCost(shape, 6, 4, 1));
    expect(table.layerCost(shape, 4, 4, 1)).toMatchObject({ executedWeightBits: 6, executedActivationBits: 4 });
    expect(table.capabilities.description).toContain('run as the next wider pair');
  });

  it('make a whole grid of a table that has 4/4 and 8/8 alone', async () => {
    const isOff = (weightBits: number, activationBits: number) => weightBits !== activationBits || weightBits % 4 !== 0;
    const table = open(await sparse(isOff), 'wider');
    for (const [weightBits, activationBits] of [
      [4, 8],
      [8, 4],
      [6, 2],
    ] as const) {
      expect(table.layerCost(shape, weightBits, activationBits, 1)).toEqual(table.layerCost(shape, 8, 8, 1));
    }
    expect(table.layerCost(shape, 2, 4, 1)).toEqual(table.layerCost(shape, 4, 4, 1));
  });

  it('are refused where none is wide enough', async () => {
    const table = open(await sparse((weightBits) => weightBits === 8), 'wider');
    expect(() => table.layerCost(shape, 8, 2, 1)).toThrow(refused('at 8-bit weights'));
  });
});

describe('missing pairs of bits, interpolated', () => {
  const toy = createBitProductAccelerator({ weightBits: [2, 4, 6, 8], activationBits: [2, 4, 6, 8] });
  const isInside = (weightBits: number, activationBits: number) => weightBits === 4 && activationBits === 6;

  it('are marked as guesses wherever they go, and no other cell is', async () => {
    const table = open(await sparse(isInside), 'interpolate');
    const costs = await createLocalHardware(table).tabulate(SAMPLE_LAYERS);
    const guesses = costs.cells.flatMap((rows, layer) =>
      rows.flatMap((row, i) =>
        row.flatMap((cell, j) =>
          cell?.interpolated === true ? [[layer, costs.weightBits[i], costs.activationBits[j]]] : [],
        ),
      ),
    );
    expect(guesses).toEqual([[2, 4, 6]]);
    expect(costs.cells[2]?.[1]?.[2]).toMatchObject({
      bound: undefined,
      executedWeightBits: 4,
      executedActivationBits: 6,
    });
    expect(table.capabilities.description).toContain('interpolated, that is guesses');
    const shipped = ship(toLookupTable(costs, SAMPLE_LAYERS, table.capabilities), 'csv');
    expect(shipped.layers.flatMap(({ cells }) => cells).filter(({ interpolated }) => interpolated)).toHaveLength(1);
    expect(open(shipped).capabilities.description).toContain('1 of its costs are interpolated, that is guesses');
  });

  it.each<[string, (weightBits: number, activationBits: number) => boolean]>([
    ['between neighbours on either side', isInside],
    ['along the one axis that has neighbours', (w, a) => a === 6 && w <= 4],
    ['between four corners', (w, a) => (w === 4 || a === 6) && !(w === 8 && a === 8)],
    ['across a gap of several widths', (w, a) => (w === 4 || w === 6) && a === 4],
  ])('are exact for products of bits: %s', async (_, isMissing) => {
    const table = open(await sparse(isMissing), 'interpolate');
    const guess = table.layerCost(shape, 4, isMissing(4, 6) ? 6 : 4, 1);
    const exact = toy.layerCost(shape, 4, isMissing(4, 6) ? 6 : 4, 1);
    expect(guess.interpolated).toBe(true);
    expect(guess.latencyMs).toBeCloseTo(exact.latencyMs, 9);
    expect(guess.trafficBytes).toBeCloseTo(exact.trafficBytes as number, 9);
  });

  it('never lie beyond the costs around them', async () => {
    const whole = await sparse(() => false);
    const latency = fc.double({ min: 0.001, max: 1000, noNaN: true });
    fc.assert(
      fc.property(fc.array(latency, { minLength: 16, maxLength: 16 }), (latencies) => {
        const layers = whole.layers.map((row, index) => ({
          ...row,
          cells: row.cells
            .map((cell, position) => (index === 2 ? { ...cell, latencyMs: latencies[position] as number } : cell))
            .filter((cell) => index !== 2 || !isInside(cell.weightBits, cell.activationBits)),
        }));
        const guess = open({ ...whole, layers }, 'interpolate').layerCost(shape, 4, 6, 1).latencyMs;
        // Cells are ordered 2/2, 2/4, …: the neighbours of 4/6 are 4/4, 4/8, 2/6 and 6/6.
        const around = [5, 7, 2, 10].map((position) => latencies[position] as number);
        expect(guess).toBeGreaterThanOrEqual(Math.min(...around));
        expect(guess).toBeLessThanOrEqual(Math.max(...around));
      }),
    );
  });

  it('are refused at the edge: nothing is extrapolated', async () => {
    for (const [weightBits, activationBits] of [
      [2, 2],
      [8, 8],
      [2, 8],
    ] as const) {
      const table = open(await sparse((w, a) => w === weightBits && a === activationBits), 'interpolate');
      const isCorner = () => table.layerCost(shape, weightBits, activationBits, 1);
      expect(isCorner).toThrow(refused(`at ${weightBits}-bit weights and ${activationBits}-bit`));
    }
  });

  describe('beside float', () => {
    const [DEAR, FLOAT] = [100, 1000];
    /** The sample table, with costs of its own for one layer; 32 is float. */
    async function withCells(pairs: readonly (readonly [number, number, number])[]) {
      const table = await sparse(() => false);
      const [model] = table.layers[2]?.cells ?? [];
      const cells = pairs.map(([weightBits, activationBits, latencyMs]) => ({
        ...{ ...(model as LookupCell), weightBits, activationBits, latencyMs },
        ...{ executedWeightBits: weightBits, executedActivationBits: activationBits },
      }));
      return open(
        { ...table, layers: table.layers.map((row, at) => (at === 2 ? { ...row, cells } : row)) },
        'interpolate',
      );
    }

    it.each<[string, (readonly [number, number, number])[]]>([
      ['weights', [...[4, 6].map((bits) => [bits, 8, DEAR] as const), [32, 8, FLOAT]]],
      ['activations', [...[4, 6].map((bits) => [8, bits, DEAR] as const), [8, 32, FLOAT]]],
      [
        'corners',
        [
          [4, 4, DEAR],
          [4, 32, FLOAT],
          [32, 4, FLOAT],
          [32, 32, FLOAT],
        ],
      ],
    ])('are refused: float is no neighbour of 8 bits (%s)', async (_, cells) => {
      const table = await withCells(cells);
      expect(() => table.layerCost(shape, 8, 8, 1)).toThrow(refused('at 8-bit weights and 8-bit activations'));
    });

    it('are guessed along the bits of the weights where activations are float throughout', async () => {
      const table = await withCells([
        [4, 32, 1],
        [8, 32, 3],
        [32, 32, FLOAT],
      ]);
      expect(table.layerCost(shape, 6, 32, 1)).toMatchObject({ latencyMs: 2, interpolated: true });
    });
  });

  it('know no energy where a neighbour knows none', async () => {
    const table = await sparse(isInside);
    const layers = table.layers.map((row) => ({
      ...row,
      cells: row.cells.map((cell) => ({ ...cell, energyMj: cell.weightBits === 6 ? undefined : 1 })),
    }));
    expect(open({ ...table, layers }, 'interpolate').layerCost(shape, 4, 6, 1).energyMj).toBeUndefined();
  });
});
