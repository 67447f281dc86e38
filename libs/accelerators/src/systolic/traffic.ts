import type { LayerShape } from '@bitwright/hardware-kit';
import { type LayerSizes, weightUses } from './layer-sizes.js';
import type { Mapping } from './mapping.js';
import type { SystolicProfile } from './profile.js';
import { fits, refetchOf } from './refetch.js';

/** Bits that a layer moves, for the whole batch. */
export type Traffic = {
  readonly weightReadBits: number;
  readonly activationReadBits: number;
  /** Partial sums that leave the chip and come back, because the output buffer does not hold them. */
  readonly partialSumBits: number;
  readonly writtenBits: number;
  /** Between buffers and array. */
  readonly sramBits: number;
};

/** Each tensor crosses the border of the chip once, times how often it has to come again. */
export function layerTraffic(
  profile: SystolicProfile,
  layer: LayerShape,
  mapping: Mapping,
  sizes: LayerSizes,
  batch: number,
): Traffic {
  const uses = weightUses(layer, batch);
  const { count } = mapping.product;
  const ofProduct = { weights: (sizes.weights * uses) / count, activations: sizes.activations / count };
  const refetch = refetchOf(profile, mapping, ofProduct);
  const loads = fits(sizes.weights, profile.weightBufferKibibytes) ? 1 : uses;
  return {
    weightReadBits: sizes.weights * loads * refetch.weights,
    activationReadBits: sizes.activations * refetch.activations,
    partialSumBits: 2 * sizes.partialSums * refetch.spills,
    writtenBits: sizes.results,
    sramBits: sramBits(profile, mapping, sizes, uses),
  };
}

/** What streams past comes out of its buffer for every tile; partial sums are written and, but for the first, read. */
function sramBits(
  { dataflow }: SystolicProfile,
  { rowTiles, columnTiles }: Mapping,
  { weights, columns, results, partialSums }: LayerSizes,
  uses: number,
): number {
  switch (dataflow) {
    case 'output_stationary':
      return weights * uses * columnTiles + columns * rowTiles + results;
    case 'weight_stationary':
      return weights * uses + columns * columnTiles + partialSums * (2 * rowTiles - 1);
    case 'input_stationary':
      return weights * uses * columnTiles + columns + partialSums * (2 * rowTiles - 1);
  }
}
