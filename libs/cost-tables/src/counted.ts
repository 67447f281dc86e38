import { type CountedLayers, invalidField } from '@bitwright/core';
import type { LookupTable } from './lookup-table.js';

/** What the flags of a network's layers amount to. Throws `invalid_argument` for flags that a table has no word for. */
export function countedOf(flags: readonly boolean[], field = 'counted'): CountedLayers {
  if (flags.every((flag) => flag)) return 'all';
  if (flags.every((flag, index) => flag === isCounted('without-first-and-last', index, flags.length)))
    return 'without-first-and-last';
  const fix = 'is neither true for every layer, nor false for the first and the last layer alone';
  throw invalidField(field, fix, 'COUNTED_LAYERS');
}

/** The flags again, one for each layer; the layers of each batch are a network of their own. */
export function countedFlagsOf({ counted, layers }: LookupTable): readonly boolean[] {
  const sizes = new Map<number, number>();
  const positions = layers.map(({ batch }) => {
    const position = sizes.get(batch) ?? 0;
    sizes.set(batch, position + 1);
    return position;
  });
  return layers.map(({ batch }, index) => isCounted(counted, positions[index] as number, sizes.get(batch) as number));
}

function isCounted(counted: CountedLayers, index: number, layerCount: number): boolean {
  return counted === 'all' || (index > 0 && index < layerCount - 1);
}
