import { frontMetric, type Report, type Spread, type StrategyComparison } from '@bitwright/core';
import { testImagesText, validationImagesText } from '../report/sample-counts.js';
import { formatAccuracy } from '../terminal/format.js';
import { plainTable } from '../terminal/plain-table.js';
import { COMPARISON_HEADS, comparisonRows } from './comparison-rows.js';
import type { FailedRun } from './run-searches.js';

/** What a comparison found, for people. `sample` is any of its reports. */
export function strategyComparisonText(
  comparison: StrategyComparison,
  failures: readonly FailedRun[],
  sample: Report,
): string {
  const lines = [
    verdictText(comparison),
    '',
    plainTable(COMPARISON_HEADS, comparisonRows(comparison)),
    legendOf(sample),
    ...failureLines(failures),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** One for each search that did not end with a result. */
export const failureLines = (failures: readonly FailedRun[]) =>
  failures.map(({ strategy, seed, message }) => `${strategy}, seed ${seed}: ${message}`);

function legendOf(sample: Report): string {
  return [
    `accuracy: ${testImagesText(sample)}, after the same final fine-tuning, mean ± standard deviation over seeds`,
    `of 8 bit: ${frontMetric(sample).label}`,
    `hypervolume: on ${validationImagesText(sample)}, 1 is float accuracy at no cost`,
    'policies, time: mean over seeds',
  ].join('; ');
}

/** Who is best, and whether it beats the best control that fits by more than the seeds differ. */
export function verdictText({ strategies, controls }: StrategyComparison): string {
  const [best] = strategies;
  if (best?.testAccuracy === null || best === undefined) return 'No strategy found a policy that fits.';
  const fitting = controls.filter(({ feasible, testAccuracy }) => feasible && testAccuracy !== null);
  const control = fitting.toSorted((a, b) => (b.testAccuracy?.mean ?? 0) - (a.testAccuracy?.mean ?? 0))[0];
  const reached = `${best.strategy} reaches ${formatAccuracy(best.testAccuracy.mean)} in the mean`;
  if (control?.testAccuracy === undefined || control.testAccuracy === null)
    return `${reached}; no uniform policy fits the budget.`;
  const gain = 100 * (best.testAccuracy.mean - control.testAccuracy.mean);
  const direction = gain >= 0 ? 'above' : 'below';
  const doubt = doubtText(gain, best.testAccuracy, control.testAccuracy);
  return `${reached}, ${Math.abs(gain).toFixed(2)} points ${direction} ${control.control}${doubt}.`;
}

function doubtText(gain: number, best: Spread, control: Spread): string {
  if (best.runs < 2) return ' with one seed';
  const noise = 100 * Math.max(best.deviation, control.deviation);
  return Math.abs(gain) <= noise ? ', no more than seeds differ' : '';
}
