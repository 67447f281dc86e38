import { rankCorrelation } from '@bitwright/core';
import type { ForecastErrors } from '@bitwright/cost-tables';
import { meanOf } from '../mean.js';

/** How far forecasts are from what was measured; one of each, ms above 0. */
export function forecastErrors(
  points: readonly { readonly measuredMs: number }[],
  forecastsMs: readonly number[],
): ForecastErrors {
  const measured = points.map(({ measuredMs }) => measuredMs);
  const errors = measured.map((ms, index) => (100 * ((forecastsMs[index] as number) - ms)) / ms);
  return {
    meanAbsoluteErrorPercent: meanOf(errors.map(Math.abs)),
    biasPercent: meanOf(errors),
    rankCorrelation: rankCorrelation(forecastsMs, measured),
  };
}
