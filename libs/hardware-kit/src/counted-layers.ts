import { type CountedLayers, invalidField } from '@bitwright/core';

/**
 * One flag per layer: whether it counts in the network's total. Throws `invalid_argument` when none would, because a
 * total of nothing makes every budget meaningless.
 */
export function countedFlags(counted: CountedLayers, layerCount: number): readonly boolean[] {
  const flags = Array.from({ length: layerCount }, (_, index) => isCounted(counted, index, layerCount));
  if (flags.includes(true)) return flags;
  const fix = `"${counted}" leaves no layer of a network with ${layerCount} to count; use "all"`;
  throw invalidField('counted', fix, 'COUNTED_LAYERS');
}

function isCounted(counted: CountedLayers, index: number, layerCount: number): boolean {
  switch (counted) {
    case 'all':
      return true;
    case 'without-first-and-last':
      return index > 0 && index < layerCount - 1;
    default:
      throw invalidField(
        'counted',
        `is "${counted as string}"; use "all" or "without-first-and-last"`,
        'COUNTED_LAYERS',
      );
  }
}
