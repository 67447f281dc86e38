import type { Report, ReportEntry } from '@bitwright/core';

/** One line of the final table. */
export type ResultRow = {
  readonly label: string;
  readonly entry: ReportEntry;
  readonly isResult: boolean;
  /** The uniform policy with the most bits that fit the budget: what a search must beat. */
  readonly isWidest: boolean;
};

/** Controls, then the strategy's own best where it is not the result, then the result. */
export function resultRows(report: Report): readonly ResultRow[] {
  const { baselines, strategyBest, result } = report;
  const widest = widestThatFits(report);
  const byBits = [...baselines].sort((a, b) => b.effectiveBits - a.effectiveBits);
  const controls = byBits.map((entry) => rowOf(controlLabel(entry), entry, { isWidest: entry === widest }));
  const isOwn = strategyBest === null || strategyBest.policyHash === result.policyHash;
  const own = isOwn ? [] : [rowOf(`${strategyBest.strategy}'s own best`, strategyBest)];
  return [...controls, ...own, rowOf(`found (${result.strategy})`, result, { isResult: true })];
}

function rowOf(label: string, entry: ReportEntry, flags: Partial<ResultRow> = {}): ResultRow {
  return { label, entry, isResult: false, isWidest: false, ...flags };
}

function widestThatFits({ baselines, constraints }: Report): ReportEntry | undefined {
  if (constraints.length === 0) return undefined;
  const fitting = baselines.filter(({ feasible, strategy }) => feasible && strategy.startsWith('uniform-'));
  return fitting.sort((a, b) => b.effectiveBits - a.effectiveBits)[0];
}

function controlLabel({ strategy }: ReportEntry): string {
  return strategy.startsWith('uniform-') ? `uniform ${strategy.replace('uniform-', '')} bit` : strategy;
}
