import type { Calibration, Finding, MetricFit } from '@bitwright/calibration';
import pc from 'picocolors';
import { formatNumber } from '../terminal/format.js';
import { plainTable } from '../terminal/plain-table.js';

/** What `bitwright hardware calibrate` prints for people. */
export function calibrationText({ findings, metrics }: Calibration): string {
  const notes = findings.flatMap((finding) => noteOf(finding) ?? []);
  const parts = [
    ...[constantsTable(findings), errorsTable(metrics)],
    ...metrics.map(sizeText),
    ...metrics.flatMap((fit) => doubtOf(fit) ?? []).map(pc.yellow),
    ...(notes.length === 0
      ? []
      : [`${pc.bold('Not told by these measurements')}\n${notes.map((note) => `  ${note}`).join('\n')}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function constantsTable(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => {
    const { constant, value, status } = finding;
    const numbers = [formatNumber(constant.value), formatNumber(value), intervalText(finding)];
    return [constant.name, constant.unit, ...numbers, status];
  });
  return plainTable(['constant', 'unit', 'before', 'after', '95 % interval', 'result'], rows);
}

/** `3.9 to 4.1`, `at least 12`, or nothing for what is kept. */
export function intervalText({ low, high }: Finding): string {
  if (low !== undefined && high !== undefined) return `${formatNumber(low)} to ${formatNumber(high)}`;
  if (low !== undefined) return `at least ${formatNumber(low)}`;
  return high === undefined ? '' : `at most ${formatNumber(high)}`;
}

function errorsTable(metrics: readonly MetricFit[]): string {
  const rows = metrics.flatMap(({ metric, before, heldOut, fitted }) =>
    [
      ['as the profile was', before] as const,
      ['fitted, on layers held out', heldOut] as const,
      ['fitted, on what it was fitted to', fitted] as const,
    ].map(([name, { meanErrorPercent, biasPercent, rankCorrelation }]) => [
      ...[metric, name, meanErrorPercent.toFixed(2), biasPercent.toFixed(2)],
      rankCorrelation === undefined ? '–' : rankCorrelation.toFixed(4),
    ]),
  );
  return plainTable(['figure', 'profile', 'mean error, %', 'bias, %', 'rank correlation'], rows);
}

function sizeText({ metric, costs, shapes, folds, leftOut }: MetricFit): string {
  const reasons = Object.entries(leftOut).map(([reason, count]) => `; ${count} left out that ${reason}`);
  return `${metric}: ${costs} costs of ${shapes} layer shapes, held out in ${folds} parts${reasons.join('')}`;
}

/** A fit that is no help: it predicts layers that it has not seen worse than the profile did; else nothing. */
export function doubtOf({ metric, before, heldOut }: MetricFit): string | undefined {
  if (Number(heldOut.meanErrorPercent.toFixed(2)) <= Number(before.meanErrorPercent.toFixed(2))) return undefined;
  return `${metric}: on layers held out the fit does worse than the profile as it was. Measure more layer shapes, or take the table itself.`;
}

/** What is not told of a constant, why, and what would tell it; nothing where it was fitted. */
export function noteOf(finding: Finding): string | undefined {
  const { constant, value, status } = finding;
  const { name, unit, identifiedBy } = constant;
  switch (status) {
    case 'fitted':
      return undefined;
    case 'bounded':
      return `${name} is ${intervalText(finding)} ${unit}, so it cannot be ${formatNumber(constant.value)}; ${formatNumber(value)} is taken. To tell it, measure ${identifiedBy}.`;
    case 'kept':
      return `${name} ${reasonText(finding)}; it stays ${formatNumber(value)} ${unit}. To tell it, measure ${identifiedBy}.`;
  }
}

function reasonText({ reason, partners }: Finding): string {
  switch (reason) {
    case 'only-together':
      return `shows only together with ${partners.join(' and ')}, which was fitted to what it leaves`;
    case 'no-influence':
      return 'has no influence on these costs';
    default:
      return 'has less influence than these costs scatter';
  }
}
