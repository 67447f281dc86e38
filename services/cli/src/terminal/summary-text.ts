import type { Report } from '@bitwright/core';
import { testImagesText, validationImagesText } from '../report/sample-counts.js';
import { formatAccuracy, formatBytes, formatCost } from './format.js';

/** One or two sentences: what was found, by whom, how far below float, and what became of each limit. */
export function summaryText(report: Report): string {
  return `${foundText(report)} ${budgetText(report)}`;
}

function foundText(report: Report): string {
  const { result, baselines } = report;
  const float = baselines.find(({ strategy }) => strategy === 'float')?.testAccuracy;
  const accuracy = result.testAccuracy;
  const finder = finderText(result.strategy);
  const what = `${formatBytes(result.sizeBytes)} of weights, ${result.effectiveBits.toFixed(2)} bits each`;
  if (accuracy === null) {
    return `${finder} ${formatAccuracy(result.validationAccuracy)} on ${validationImagesText(report)}, not yet fine-tuned: ${what}.`;
  }
  const drop = float == null ? '' : `, ${differenceText(accuracy - float)} float`;
  return `${finder} ${formatAccuracy(accuracy)} on ${testImagesText(report)}${drop}: ${what}.`;
}

/** A control can be the best there is; then nobody found it. */
function finderText(strategy: string): string {
  return strategy.startsWith('uniform-')
    ? `The best is ${strategy.replace('uniform-', 'uniform ')} bit:`
    : `${strategy} found`;
}

function differenceText(difference: number): string {
  const points = `${Math.abs(100 * difference).toFixed(2)} points`;
  return difference < 0 ? `${points} below` : `${points} above`;
}

function budgetText({ constraints }: Report): string {
  if (constraints.length === 0) return 'No budget was set.';
  const texts = constraints.map(({ metric, budget, limit, reached, hardware }) => {
    const where = hardware === undefined || budget.includes('@') ? '' : ` on ${hardware}`;
    return `${budget}${where} means ${formatCost(metric, limit)}, reached ${formatCost(metric, reached)}`;
  });
  return `Budget: ${texts.join('; ')}.`;
}
