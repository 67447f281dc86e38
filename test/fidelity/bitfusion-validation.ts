import { type BitfusionProfile, bitfusionEightByEight, createBitfusion } from '@bitwright/accelerators';
import { type CostTable, costOfPolicy, type Layer, uniformPolicy } from '@bitwright/core';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { publishedLayers } from './bismo-validation.js';
import { PUBLISHED_COSTS, type PublishedCost } from './bitfusion-published.js';

/** Latency and energy of a whole network, for the whole batch. */
export type NetworkCost = { readonly latencyMs: number; readonly energyMj: number };

/** One published figure beside the model's. */
export type ValidationRow = PublishedCost & {
  readonly model: NetworkCost;
  readonly latencyErrorPercent: number;
  readonly energyErrorPercent: number;
};

/** Compares every published figure with the model, as it ships unless another data sheet is given. */
export function validateBitfusion(
  profile: BitfusionProfile = bitfusionEightByEight,
): Promise<readonly ValidationRow[]> {
  return Promise.all(PUBLISHED_COSTS.map((published) => validateRow(profile, published)));
}

async function validateRow(profile: BitfusionProfile, published: PublishedCost): Promise<ValidationRow> {
  const layers = publishedLayers(published.network);
  const table = await createLocalHardware(createBitfusion(profile)).tabulate(layers);
  const model = uniformCost(layers, table, published.weightBits, published.activationBits);
  const errorPercent = (ours: number, theirs: number) => (100 * (ours - theirs)) / theirs;
  return {
    ...published,
    model,
    latencyErrorPercent: errorPercent(model.latencyMs, published.latencyMs),
    energyErrorPercent: errorPercent(model.energyMj, published.energyMj),
  };
}

/** Cost of a network with the same bits everywhere, over the counted layers. */
export function uniformCost(
  layers: readonly Layer[],
  table: CostTable,
  weightBits: number,
  activationBits = weightBits,
): NetworkCost {
  const { latencyMs, energyMj } = costOfPolicy(layers, table, uniformPolicy(layers.length, weightBits, activationBits));
  return { latencyMs: latencyMs as number, energyMj: energyMj as number };
}

/** The largest error of one figure, percent, rounded up to two digits. */
export function largestErrorPercent(
  rows: readonly ValidationRow[],
  figure: 'latencyErrorPercent' | 'energyErrorPercent',
): number {
  return Math.ceil(Math.max(...rows.map((row) => Math.abs(row[figure]))) * 100) / 100;
}
