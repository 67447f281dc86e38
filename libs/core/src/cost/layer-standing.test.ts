import { expect, test } from 'vitest';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import { uniformPolicy } from '../policy/policy.js';
import type { CostTable, LayerCost } from './cost-table.js';
import { explainOnTarget, explainPolicy } from './layer-standing.js';
import { costOfPolicy } from './policy-cost.js';

/** Layers whose time in ms is theirs for each weight bit; the first one does not count. */
function tableOf(msPerBit: (layer: number) => number): CostTable {
  const cell = (layer: number, bits: number): LayerCost => {
    const latencyMs = bits * msPerBit(layer);
    return {
      ...{ latencyMs, energyMj: undefined, trafficBytes: 10, bound: 'memory' },
      ...{ computeMs: undefined, memoryMs: latencyMs, overheadMs: undefined },
      ...{ executedWeightBits: bits, executedActivationBits: 8 },
    };
  };
  return {
    ...{ hardware: 'sample', batch: 2, weightBits: [2, 4, 8], activationBits: [8], provenance: 'table' },
    counted: SMALL_LAYERS.map(({ index }) => index > 0),
    cells: SMALL_LAYERS.map(({ index }) => [[cell(index, 2)], [cell(index, 4)], [cell(index, 8)]]),
  };
}

const policy = uniformPolicy(SMALL_LAYERS.length, 8);

test('layers that count are ranked and share the time; each has its roofline and what a bit less saves', () => {
  const standings = explainPolicy(
    SMALL_LAYERS,
    tableOf((layer) => layer + 1),
    policy,
  );
  const last = SMALL_LAYERS.length - 1;
  expect(standings[0]).toMatchObject({ rank: undefined, share: 0 });
  expect(standings[last]?.rank).toBe(1);
  expect(standings[1]?.rank).toBe(last);
  expect(standings.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  expect(standings[2]?.intensity).toBe((2 * 8 * 8 * (SMALL_LAYERS[2]?.macs ?? 0) * 2) / 10);
  expect(standings[2]?.marginals).toEqual({
    perWeightBit: { latencyMs: 3, energyMj: undefined },
    perActivationBit: undefined,
  });
});

test('of a network that takes no time no layer has a share', () => {
  for (const { share } of explainPolicy(
    SMALL_LAYERS,
    tableOf(() => 0),
    policy,
  ))
    expect(share).toBe(0);
});

test('a layer with two points for each channel costs and saves twice as much, and computes no more for each byte', () => {
  const table = tableOf((layer) => layer + 1);
  const four = uniformPolicy(SMALL_LAYERS.length, 4, 8);
  const layerPoints = SMALL_LAYERS.map(({ outChannels, index }) => (index === 1 ? 2 : 1) * outChannels);
  const plain = explainPolicy(SMALL_LAYERS, table, four);
  const pointed = explainPolicy(SMALL_LAYERS, table, { ...four, weightQuantizer: 'multipoint', layerPoints });
  expect(pointed[1]?.cost).toEqual({ ...plain[1]?.cost, latencyMs: 16, memoryMs: 16, trafficBytes: 20 });
  expect([plain, pointed].map((standings) => standings[1]?.marginals.perWeightBit?.latencyMs)).toEqual([2, 4]);
  expect(pointed[1]?.intensity).toBe(plain[1]?.intensity);
  expect(pointed[2]?.cost).toEqual(plain[2]?.cost);
  const policy = { ...four, weightQuantizer: 'multipoint', layerPoints } as const;
  const { latencyMs } = costOfPolicy(SMALL_LAYERS, table, policy);
  const counted = pointed.filter(({ rank }) => rank !== undefined);
  expect(counted.reduce((sum, { cost }) => sum + cost.latencyMs, 0)).toBeCloseTo(latencyMs as number, 12);
});

test('a policy of another network is refused before anything is tabulated', async () => {
  const catalog = { open: () => Promise.reject(new Error('was asked')) };
  const target = { name: 'sample', batch: undefined, counted: undefined };
  await expect(explainOnTarget(catalog, target, SMALL_LAYERS, uniformPolicy(1, 8))).rejects.toThrow(/policy\.layers/);
});
