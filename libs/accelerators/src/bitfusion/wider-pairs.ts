import type { LayerCost } from '@bitwright/core';
import type { PairCosts } from '@bitwright/hardware-kit';

/** Widths to choose from, each ascending. */
type Widths = { readonly weightBits: readonly number[]; readonly activationBits: readonly number[] };

/**
 * Cost of a layer when its values may be stored in more bits than asked for: each figure is the least among the pair
 * itself and all wider ones. A narrow pair can be dearer by itself: more of its products are fused, so more of each
 * weight tile is padding, and a tile that has become small enough to be fetched with others takes longer to arrive.
 * Time, energy and traffic are taken apart, because the best mapping for one of them may lose a little in another.
 */
export function leastOfWiderPairs(
  costOf: PairCosts,
  { weightBits, activationBits }: Widths,
  asked: { readonly weightBits: number; readonly activationBits: number },
): LayerCost {
  let least = costOf(asked.weightBits, asked.activationBits);
  for (const weight of weightBits.filter((bits) => bits >= asked.weightBits)) {
    for (const activation of activationBits.filter((bits) => bits >= asked.activationBits)) {
      least = leastOf(least, costOf(weight, activation));
    }
  }
  return least;
}

function leastOf(first: LayerCost, second: LayerCost): LayerCost {
  return {
    ...(second.latencyMs < first.latencyMs ? second : first),
    energyMj: Math.min(first.energyMj as number, second.energyMj as number),
    trafficBytes: Math.min(first.trafficBytes as number, second.trafficBytes as number),
  };
}
