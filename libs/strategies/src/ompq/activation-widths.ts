import { type LayerPrecision, type PrecisionSpace, pairsOf } from '@bitwright/core';

/** Widths that all activations may be fixed at, widest first; the one that is asked for alone. */
export function activationWidths({ layers }: PrecisionSpace, asked: number | undefined): readonly number[] {
  if (asked !== undefined) return [asked];
  return [...new Set(layers.flatMap(({ activationBits }) => activationBits))].sort((a, b) => b - a);
}

/**
 * Whether a layer runs at a pair when activations are fixed at `width`: with each number of weight bits, at the widest
 * activations that there are up to it, else at the narrowest (a pinned layer, or hardware without that pair).
 */
export function atWidth(space: PrecisionSpace, width: number): (layer: number, precision: LayerPrecision) => boolean {
  const chosen = space.layers.map((choices) => {
    const byWeight = new Map<number, number>();
    for (const { weightBits, activationBits } of pairsOf(choices)) {
      const best = byWeight.get(weightBits);
      byWeight.set(weightBits, best === undefined ? activationBits : closer(best, activationBits, width));
    }
    return byWeight;
  });
  return (layer, { weightBits, activationBits }) => chosen[layer]?.get(weightBits) === activationBits;
}

function closer(one: number, other: number, width: number): number {
  const [fewer, more] = [Math.min(one, other), Math.max(one, other)];
  return more <= width ? more : fewer;
}
