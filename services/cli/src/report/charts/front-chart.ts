import { type FrontMetric, frontMetric, type Report, type ReportTrial, searchedTrials } from '@bitwright/core';
import { COLORS, LEGEND, renderSvg } from './render-svg.js';

type Point = readonly [cost: number, accuracyPercent: number];
type Series = Readonly<Record<string, unknown>>;

/** Validation accuracy of every policy against the first constraint's metric, with front, controls, result and budget. */
export function frontChart(report: Report): string {
  const metric = frontMetric(report);
  const trials = searchedTrials(report);
  const toPoint = (trial: ReportTrial) => pointOf(metric.of(trial), trial.accuracy);
  const controls = trials.filter(({ role }) => role === 'baseline').map(toPoint);
  const proposals = trials.filter(({ role }) => role === 'strategy').map(toPoint);
  const found = trials
    .filter(({ policyHash }) => policyHash === report.result.policyHash)
    .slice(0, 1)
    .map(toPoint);
  return renderSvg(470, {
    legend: { ...LEGEND, bottom: 0 },
    grid: { left: 70, right: 40, top: 40, bottom: 84 },
    xAxis: { type: 'value', name: metric.label, scale: true, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: 'accuracy, %', scale: true, min: lowestShown(trials) },
    series: [
      scatter('tried', COLORS.quiet, 7, proposals),
      frontLine(report, metric),
      { ...scatter('uniform', COLORS.activations, 11, controls), symbol: 'diamond', z: 3 },
      { ...scatter('result', COLORS.result, 14, found), z: 4, ...budgetLine(metric) },
    ],
  });
}

const pointOf = (cost: number, accuracy: number | null): Point => [cost, Number((100 * (accuracy ?? 0)).toFixed(2))];

function scatter(name: string, color: string, symbolSize: number, data: readonly Point[]): Series {
  return { name, type: 'scatter', symbolSize, data, itemStyle: { color } };
}

function frontLine({ front }: Report, metric: FrontMetric): Series {
  const data = front.map((entry) => pointOf(metric.of(entry), entry.validationAccuracy));
  return { name: 'Pareto front', type: 'line', step: 'end', color: COLORS.weights, symbolSize: 6, data, z: 2 };
}

function budgetLine({ limit }: FrontMetric): Series {
  if (limit === undefined) return {};
  const label = { formatter: 'budget', color: COLORS.result };
  const lineStyle = { color: COLORS.result, type: 'dashed' };
  return { markLine: { symbol: 'none', precision: 9, silent: true, label, lineStyle, data: [{ xAxis: limit }] } };
}

/** A few failed policies must not squeeze all others into a line: the axis starts near the worst tenth. */
function lowestShown(trials: readonly ReportTrial[]): number {
  const percents = trials.map(({ accuracy }) => 100 * (accuracy ?? 0)).sort((a, b) => a - b);
  const low = percents[Math.floor(percents.length / 10)] ?? 0;
  const top = percents.at(-1) ?? 100;
  return Math.max(0, Math.floor(low - 0.1 * (top - low)));
}
