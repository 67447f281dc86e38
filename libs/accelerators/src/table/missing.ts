import type { LayerCost } from '@bitwright/core';
import { costOf, type LookupCell } from '@bitwright/cost-tables';
import { interpolateCost } from './interpolate.js';

/**
 * What a table does for a pair of bits that it lacks for a layer: `refuse` it; run the next `wider` pair that it has, as
 * hardware with few kernels does; or `interpolate`, which is a guess and is marked as one.
 */
export const MISSING_COSTS = ['refuse', 'wider', 'interpolate'] as const;
export type MissingCosts = (typeof MISSING_COSTS)[number];

/** The cost for a missing pair, if there is one by these rules. */
export function missingCost(
  rule: MissingCosts,
  cells: readonly LookupCell[],
  weightBits: number,
  activationBits: number,
): LayerCost | undefined {
  switch (rule) {
    case 'refuse':
      return undefined;
    case 'wider':
      return widerCost(cells, weightBits, activationBits);
    case 'interpolate':
      return interpolateCost(cells, weightBits, activationBits);
  }
}

/** Of the pairs with at least these bits the fastest; its executed bits say what is run. */
function widerCost(cells: readonly LookupCell[], weightBits: number, activationBits: number): LayerCost | undefined {
  const wide = cells.filter((cell) => cell.weightBits >= weightBits && cell.activationBits >= activationBits);
  const [fastest] = wide.sort((a, b) => a.latencyMs - b.latencyMs);
  return fastest === undefined ? undefined : costOf(fastest);
}
