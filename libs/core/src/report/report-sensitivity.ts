import type { SensitivityReport } from '../ports/sensitivity.js';
import type { SearchRun } from '../search/search-run.js';
import type { ReportSensitivity } from './report.js';

/** What the strategy made of the layers' sensitivity; undefined for a strategy that has none. */
export function reportSensitivity(
  { search, ports }: SearchRun,
  sensitivity: SensitivityReport | undefined,
): ReportSensitivity | undefined {
  const { name, options } = search.spec.strategy;
  const explanation = sensitivity && ports.strategy(name).explain?.(sensitivity, options);
  if (sensitivity === undefined || explanation === undefined) return undefined;
  const { featureSamples, samples, seconds } = sensitivity;
  return { ...explanation, samples: samples > 0 ? samples : featureSamples, seconds };
}
