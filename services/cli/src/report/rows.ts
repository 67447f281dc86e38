import type { Report, ReportEntry } from '@bitwright/core';

/** One line of the final table. */
export type ResultRow = { readonly label: string; readonly entry: ReportEntry; readonly isResult: boolean };

/** Controls, then the strategy's own best where it is not the result, then the result. */
export function resultRows(report: Report): readonly ResultRow[] {
  const controls = report.baselines.map((entry) => ({ label: controlLabel(report, entry), entry, isResult: false }));
  const own = report.strategyBest;
  const ownRow =
    own !== null && own.policyHash !== report.result.policyHash
      ? [{ label: `${own.strategy}'s own best`, entry: own, isResult: false }]
      : [];
  return [
    ...controls,
    ...ownRow,
    { label: `found (by ${report.result.strategy})`, entry: report.result, isResult: true },
  ];
}

function controlLabel(report: Report, { strategy, feasible }: ReportEntry): string {
  if (strategy === 'float') return 'float';
  const bits = strategy.replace('uniform-', '');
  const widest = report.baselines.find((entry) => entry.feasible && entry.strategy.startsWith('uniform-'));
  const fits = feasible && widest?.strategy === strategy && report.constraints.length > 0;
  return `uniform ${bits} bit${fits ? ' (most that fits)' : ''}`;
}

/** Latency as a factor of what 8 bits everywhere cost. */
export function latencyRatio(report: Report, entry: ReportEntry): number | undefined {
  const reference = report.baselines.find(({ strategy }) => strategy === 'uniform-8')?.latencyMs;
  if (entry.latencyMs === null || reference === null || reference === undefined) return undefined;
  return entry.latencyMs / reference;
}
