import { type CostTable, costCell, type LayerCost } from './cost-table.js';

/** What one bit less saves, of the whole batch; energy is absent where the hardware does not know it. */
export type Saving = { readonly latencyMs: number; readonly energyMj: number | undefined };

/** Of one layer; undefined where the hardware has no narrower width. */
export type LayerMarginals = {
  readonly perWeightBit: Saving | undefined;
  readonly perActivationBit: Saving | undefined;
};

/**
 * What a search needs to know of a layer at its present bits: the step to the next narrower width of weights, and of
 * activations, divided by the bits between them. Throws `unsupported` for bits that the table does not have.
 */
export function marginalsOf(
  table: CostTable,
  layer: number,
  weightBits: number,
  activationBits: number,
): LayerMarginals {
  const cost = costCell(table, layer, weightBits, activationBits);
  const weight = nextBelow(table.weightBits, weightBits);
  const activation = nextBelow(table.activationBits, activationBits);
  return {
    perWeightBit:
      weight === undefined
        ? undefined
        : savingOf(cost, costCell(table, layer, weight, activationBits), weightBits - weight),
    perActivationBit:
      activation === undefined
        ? undefined
        : savingOf(cost, costCell(table, layer, weightBits, activation), activationBits - activation),
  };
}

/** The widths ascend. */
function nextBelow(widths: readonly number[], bits: number): number | undefined {
  return widths.findLast((width) => width < bits);
}

function savingOf(wider: LayerCost, narrower: LayerCost, bits: number): Saving {
  const isKnown = wider.energyMj !== undefined && narrower.energyMj !== undefined;
  return {
    latencyMs: (wider.latencyMs - narrower.latencyMs) / bits,
    energyMj: isKnown ? ((wider.energyMj as number) - (narrower.energyMj as number)) / bits : undefined,
  };
}
