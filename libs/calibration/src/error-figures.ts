import { rankCorrelation } from '@bitwright/core';

/** How far predictions are from what was measured. */
export type ErrorFigures = {
  /** Mean of |predicted - measured| / measured, per cent. */
  readonly meanErrorPercent: number;
  /** Mean of (predicted - measured) / measured, per cent: positive where predictions are too high. */
  readonly biasPercent: number;
  /** Spearman's, -1..1; absent where all of one side are equal. */
  readonly rankCorrelation: number | undefined;
};

export function errorFigures(predicted: readonly number[], measured: readonly number[]): ErrorFigures {
  const errors = measured.map((value, index) => (100 * ((predicted[index] as number) - value)) / value);
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    meanErrorPercent: meanOf(errors.map(Math.abs)),
    biasPercent: meanOf(errors),
    rankCorrelation: rankCorrelation(predicted, measured),
  };
}
