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
  const cells = table.cells[layer] as CostTable['cells'][number];
  const row = cells[table.weightBits.indexOf(weightBits)] as CostTable['cells'][number][number];
  const column = cells.map((ofWeight) => ofWeight[table.activationBits.indexOf(activationBits)]);
  return {
    perWeightBit: savingBelow(cost, weightBits, table.weightBits, column),
    perActivationBit: savingBelow(cost, activationBits, table.activationBits, row),
  };
}

/** What the next narrower width saves that the hardware can run; the widths ascend. */
function savingBelow(
  cost: LayerCost,
  bits: number,
  widths: readonly number[],
  costs: readonly (LayerCost | undefined)[],
): Saving | undefined {
  const next = widths.findLastIndex((width, index) => width < bits && costs[index] !== undefined);
  return next < 0 ? undefined : savingOf(cost, costs[next] as LayerCost, bits - (widths[next] as number));
}

function savingOf(wider: LayerCost, narrower: LayerCost, bits: number): Saving {
  const isKnown = wider.energyMj !== undefined && narrower.energyMj !== undefined;
  return {
    latencyMs: (wider.latencyMs - narrower.latencyMs) / bits,
    energyMj: isKnown ? ((wider.energyMj as number) - (narrower.energyMj as number)) / bits : undefined,
  };
}
