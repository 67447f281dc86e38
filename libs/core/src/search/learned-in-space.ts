import { costCell, hasCell } from '../cost/cost-table.js';
import { isAsWide, pairsOf, widenToKernels } from '../policy/kernel-pairs.js';
import { type LayerPrecision, type PrecisionPolicy, schemeOf } from '../policy/policy.js';
import { type LayerChoices, type PrecisionSpace, widerPrecision } from '../policy/precision-space.js';
import type { PrecisionLimit } from '../ports/precision-learning.js';

/**
 * The learned bits in the search's scheme: at the next wider widths where the space lacks them, and at still wider ones where
 * those cost less, as 4 bits may where 3 have to be unpacked. So learning has priced them.
 */
export function learnedInSpace(
  space: PrecisionSpace,
  learned: PrecisionPolicy,
  limits: readonly PrecisionLimit[],
): PrecisionPolicy {
  const layers = learned.layers.map((bits, index) => widerPrecision(space.layers[index] as LayerChoices, bits));
  const policy = widenToKernels(space, { ...schemeOf(space), layers });
  return {
    ...policy,
    layers: policy.layers.map((pair, layer) => {
      const wider = pairsOf(space.layers[layer] as LayerChoices).filter((other) => isAsWide(other, pair));
      return wider.reduce((best, other) => (isCheaper(limits, layer, other, best) ? other : best), pair);
    }),
  };
}

/** Less of one limit and more of none. */
function isCheaper(limits: readonly PrecisionLimit[], layer: number, a: LayerPrecision, b: LayerPrecision): boolean {
  const figures = (pair: LayerPrecision) => limits.map((limited) => figureOf(limited, layer, pair));
  const [own, others] = [figures(a), figures(b)] as const;
  const isLess = (figure: number, index: number) => figure < (others[index] as number);
  return own.some(isLess) && !others.some((figure, index) => figure < (own[index] as number));
}

/** What the layer takes of a limit, where hardware decides it; of others the bits stand for it, as more never take less. */
function figureOf(limited: PrecisionLimit, layer: number, pair: LayerPrecision): number {
  if (!('table' in limited)) return pair.weightBits * pair.activationBits;
  const { table, metric } = limited;
  if (table.counted[layer] !== true) return 0;
  if (!hasCell(table, layer, pair)) return Number.POSITIVE_INFINITY;
  const { latencyMs, energyMj } = costCell(table, layer, pair.weightBits, pair.activationBits);
  return (metric === 'latency' ? latencyMs : energyMj) ?? Number.POSITIVE_INFINITY;
}
