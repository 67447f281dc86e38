import { selectAccelerators } from '@bitwright/accelerators';
import {
  type CostTable,
  type CountedLayers,
  costOfPolicy,
  deriveLayers,
  type Layer,
  uniformPolicy,
} from '@bitwright/core';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { buildZooNetwork } from '@bitwright/zoo';
import { PUBLISHED_LATENCIES, type PublishedLatency } from './bismo-published.js';

/** A network's layers at 224 x 224 with 1000 classes, as published. */
export function publishedLayers(network: PublishedLatency['network']): readonly Layer[] {
  return deriveLayers(
    buildZooNetwork({ network, width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 }),
  );
}

/** The whole cost table of a network on an accelerator, at its own batch unless another one is given. */
export async function tabulate(
  hardware: PublishedLatency['hardware'],
  layers: readonly Layer[],
  options: { readonly batch?: number; readonly counted?: CountedLayers } = {},
): Promise<CostTable> {
  const [accelerator] = selectAccelerators([hardware]);
  if (accelerator === undefined) throw new Error(`${hardware} is not registered`);
  return createLocalHardware(accelerator).tabulate(layers, options);
}

/** Latency of a network with the same bits everywhere, over the counted layers, ms for the whole batch. */
export function uniformLatencyMs(
  layers: readonly Layer[],
  table: CostTable,
  weightBits: number,
  activationBits = weightBits,
) {
  return costOfPolicy(layers, table, uniformPolicy(layers.length, weightBits, activationBits)).latencyMs as number;
}

/** One published figure beside the model's. */
export type ValidationRow = PublishedLatency & { readonly modelMs: number; readonly errorPercent: number };

/** Compares every published latency with the model. */
export function validateBismo(): Promise<readonly ValidationRow[]> {
  return Promise.all(PUBLISHED_LATENCIES.map(validateRow));
}

async function validateRow(published: PublishedLatency): Promise<ValidationRow> {
  const layers = publishedLayers(published.network);
  const table = await tabulate(published.hardware, layers);
  const firstLayerMs = published.holdsFirstLayer ? (table.cells[0]?.[7]?.[7]?.latencyMs as number) : 0;
  const modelMs = uniformLatencyMs(layers, table, published.bits) + firstLayerMs;
  return { ...published, modelMs, errorPercent: (100 * (modelMs - published.latencyMs)) / published.latencyMs };
}

/** The largest error in a column of published figures, percent, rounded up to two digits. */
export function largestErrorPercent(
  rows: readonly ValidationRow[],
  column: Pick<PublishedLatency, 'hardware' | 'network'>,
): number {
  const errors = rows
    .filter(({ hardware, network }) => hardware === column.hardware && network === column.network)
    .map(({ errorPercent }) => Math.abs(errorPercent));
  return Math.ceil(Math.max(...errors) * 100) / 100;
}
