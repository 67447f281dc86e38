import type { Layer, LayerPrecision } from '@bitwright/core';
import { FLOAT_BITS } from '@bitwright/core';
import type { BitVariable, EdgeBits } from './search-space.js';
import type { Topology } from './topology.js';

/**
 * What an assignment comes to layer by layer: bits of the weight's edge and of the edge it reads, 32 for a layer that stays
 * float. Edges into other operators have no place in a policy of layers.
 */
export function layerPrecisions(
  layers: readonly Pick<Layer, 'name'>[],
  { quantized }: Topology,
  space: readonly BitVariable[],
  bits: EdgeBits,
): readonly LayerPrecision[] {
  return layers.map(({ name }) => {
    if (!quantized.has(name)) return { weightBits: FLOAT_BITS, activationBits: FLOAT_BITS };
    const read = (isWeight: boolean) =>
      bits[space.findIndex(({ edges }) => edges.some((edge) => edge.consumer === name && edge.isWeight === isWeight))];
    return { weightBits: read(true) ?? FLOAT_BITS, activationBits: read(false) ?? FLOAT_BITS };
  });
}
