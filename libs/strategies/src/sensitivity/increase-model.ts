import {
  BitwrightError,
  FLOAT_BITS,
  type IncreaseMeasure,
  type IncreaseTable,
  type LayerPrecision,
  type SensitivityReport,
} from '@bitwright/core';

/** What a layer adds to the loss at a pair of bits, nats, at least 0. */
export type IncreaseModel = (layer: number, precision: LayerPrecision) => number;

/**
 * Weights and activations of a layer add up, as do layers; float adds nothing. Where sampling made fewer bits look
 * better than more, they count as much as these.
 */
export function createIncreaseModel(report: SensitivityReport, measure: IncreaseMeasure): IncreaseModel {
  const table = report.increases.find((increases) => increases.measure === measure);
  if (table === undefined) throw new BitwrightError('internal', 'NOT_MEASURED', `${measure} was not measured`);
  const destroyed = worseThanAll(table);
  const layers = table.layers.map(({ weights, activations }) => ({
    weights: byBits(report.weightBits, weights, destroyed),
    activations: byBits(report.activationBits, activations, destroyed),
  }));
  return (layer, { weightBits, activationBits }) => {
    const increases = layers[layer];
    return (increases?.weights.get(weightBits) ?? 0) + (increases?.activations.get(activationBits) ?? 0);
  };
}

function byBits(
  widths: readonly number[],
  increases: readonly number[],
  destroyed: number,
): ReadonlyMap<number, number> {
  const entries = new Map([[FLOAT_BITS, 0]]);
  let most = 0;
  for (let index = widths.length - 1; index >= 0; index -= 1) {
    const increase = increases[index] as number;
    most = Math.max(most, Number.isFinite(increase) ? increase : destroyed);
    entries.set(widths[index] as number, most);
  }
  return entries;
}

/** Nats; guessing among 1000 classes costs 7. */
const GUESSING = 10;

/**
 * A network that a width destroys has no finite loss: it counts as more than guessing and all that is finite together.
 * No more than that, or a program's solver would not tell the finite ones apart.
 */
function worseThanAll({ layers }: IncreaseTable): number {
  const mostOf = (increases: readonly number[]) =>
    increases.filter(Number.isFinite).reduce((most, increase) => Math.max(most, increase), 0);
  return layers.reduce((sum, { weights, activations }) => sum + mostOf(weights) + mostOf(activations), GUESSING);
}
