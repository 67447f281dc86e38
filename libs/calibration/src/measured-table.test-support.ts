import type { TunableProfile } from '@bitwright/accelerators';
import { createRandomSource, type Layer } from '@bitwright/core';
import { type LookupTable, toLookupTable } from '@bitwright/cost-tables';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { convolutionLayer, depthwiseLayer, fullyConnectedLayer } from '@bitwright/hardware-kit/testing';

/** Layers that wait for arithmetic, for memory and for their start, twelve shapes and one of them twice. */
export const VARIED_LAYERS: readonly Layer[] = named([
  convolutionLayer({ inChannels: 3, outChannels: 32, size: 112, kernel: 3, stride: 2 }),
  convolutionLayer({ inChannels: 64, outChannels: 128, size: 56, kernel: 3 }),
  convolutionLayer({ inChannels: 256, outChannels: 256, size: 28, kernel: 3 }),
  convolutionLayer({ inChannels: 512, outChannels: 512, size: 14, kernel: 3 }),
  convolutionLayer({ inChannels: 256, outChannels: 512, size: 28 }),
  convolutionLayer({ inChannels: 96, outChannels: 24, size: 56 }),
  convolutionLayer({ inChannels: 16, outChannels: 16, size: 4 }),
  depthwiseLayer({ channels: 512, size: 14 }),
  depthwiseLayer({ channels: 512, size: 14 }),
  depthwiseLayer({ channels: 96, size: 112, stride: 2 }),
  fullyConnectedLayer(4096, 4096),
  fullyConnectedLayer(1024, 1000),
  fullyConnectedLayer(16, 10),
]);

function named(layers: readonly Layer[]): readonly Layer[] {
  return layers.map((layer, index) => ({ ...layer, index, name: `${index}-${layer.kind}` }));
}

/** What a device that is exactly as the profile says would be measured to cost. */
export async function tableOf(
  { accelerator }: TunableProfile,
  layers: readonly Layer[] = VARIED_LAYERS,
): Promise<LookupTable> {
  const costs = await createLocalHardware(accelerator).tabulate(layers, { batch: 1, counted: 'all' });
  return withFewBits(toLookupTable(costs, layers, accelerator.capabilities));
}

/** At 1, 4 and 8 bits: enough, and quicker. */
function withFewBits(table: LookupTable): LookupTable {
  const isWanted = ({ weightBits, activationBits }: Cell) =>
    ![weightBits, activationBits].some((bits) => ![1, 4, 8].includes(bits));
  return { ...table, layers: table.layers.map((layer) => ({ ...layer, cells: layer.cells.filter(isWanted) })) };
}

type Cell = LookupTable['layers'][number]['cells'][number];

/** The same table with other cells. */
export function mapCells(table: LookupTable, change: (cell: Cell, layer: number) => Cell): LookupTable {
  const layers = table.layers.map((layer, index) => ({
    ...layer,
    cells: layer.cells.map((cell) => change(cell, index)),
  }));
  return { ...table, layers };
}

/** With log-normal noise of a relative size on latency and energy, equal for equal layers. */
export function withNoise(table: LookupTable, size: number, seed: number): LookupTable {
  const random = createRandomSource(seed);
  const noisy = (value: number) => value * Math.exp(size * random.normal());
  return mapCells(table, (cell) => ({
    ...cell,
    latencyMs: noisy(cell.latencyMs),
    energyMj: cell.energyMj === undefined ? undefined : noisy(cell.energyMj),
  }));
}
