import type { Report, ReportLayer } from '@bitwright/core';
import * as echarts from 'echarts';
import { frontMetric } from '../terminal/front-picture.js';

type ChartOption = echarts.EChartsCoreOption;

const WEIGHTS = '#0f766e';
const ACTIVATIONS = '#c026d3';
const QUIET = '#94a3b8';
const RESULT = '#dc2626';

/** Validation accuracy of every trial against the first constraint's metric, with front, controls, result and budget. */
export function frontChart(report: Report): string {
  const metric = frontMetric(report);
  const searched = report.trials.filter(
    ({ role, accuracy, origin }) => role !== 'finalist' && accuracy !== null && origin !== 'float',
  );
  const percent = (accuracy: number | null) => Number((100 * (accuracy ?? 0)).toFixed(2));
  const pointOf = (trial: (typeof searched)[number]) => [metric.of(trial), percent(trial.accuracy)];
  const limit = report.constraints[0]?.limit;
  const scale = metric.label === 'kB' ? 1e-3 : 1;
  const scatter = (name: string, color: string, size: number, data: number[][]) => ({
    name,
    type: 'scatter',
    symbolSize: size,
    data,
    itemStyle: { color },
  });
  const found = searched.filter(({ policyHash }) => policyHash === report.result.policyHash).slice(0, 1);
  const budget =
    limit === undefined
      ? {}
      : {
          markLine: {
            symbol: 'none',
            label: { formatter: 'budget' },
            lineStyle: { color: RESULT, type: 'dashed' },
            data: [{ xAxis: limit * scale }],
          },
        };
  return renderSvg(460, {
    legend: { bottom: 0 },
    grid: { left: 70, right: 40, top: 30, bottom: 80 },
    xAxis: { type: 'value', name: metric.label, scale: true, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: 'validation accuracy, %', scale: true },
    series: [
      scatter('trials', QUIET, 7, searched.filter(({ role }) => role === 'strategy').map(pointOf)),
      {
        ...scatter('uniform', ACTIVATIONS, 11, searched.filter(({ role }) => role === 'baseline').map(pointOf)),
        symbol: 'diamond',
      },
      {
        name: 'Pareto front',
        type: 'line',
        step: 'end',
        color: WEIGHTS,
        data: report.front.map((entry) => [metric.of(entry), percent(entry.validationAccuracy)]),
      },
      { ...scatter('result', RESULT, 16, found.map(pointOf)), symbol: 'pin', ...budget },
    ],
  });
}

/** Weight and activation bits of each layer. */
export function bitsChart(report: Report): string {
  const series = (name: string, color: string, bitsOf: (layer: ReportLayer) => number) => ({
    ...{ name, type: 'bar', color, barGap: 0 },
    data: report.layers.map((layer) => Math.min(8, bitsOf(layer))),
  });
  return renderSvg(340, {
    ...layerAxes(report, 'bits'),
    series: [
      series('weights', WEIGHTS, (layer) => layer.weightBits),
      series('activations', ACTIVATIONS, (layer) => layer.activationBits),
    ],
  });
}

/** Latency of each layer as found and at 8 bits. */
export function latencyChart(report: Report): string {
  const series = (name: string, color: string, latencyOf: (layer: ReportLayer) => number | null) => ({
    ...{ name, type: 'bar', color, barGap: 0 },
    data: report.layers.map((layer) => latencyOf(layer) ?? 0),
  });
  return renderSvg(340, {
    ...layerAxes(report, 'ms'),
    series: [
      series('8 bit', QUIET, (layer) => layer.latencyMsAt8Bits),
      series('found', WEIGHTS, (layer) => layer.latencyMs),
    ],
  });
}

function layerAxes(report: Report, unit: string): ChartOption {
  return {
    legend: { top: 0 },
    grid: { left: 60, right: 20, top: 40, bottom: 120 },
    xAxis: {
      type: 'category',
      data: report.layers.map(({ name }) => name),
      axisLabel: { rotate: 60, interval: 0, fontSize: 10 },
    },
    yAxis: { type: 'value', name: unit },
  };
}

function renderSvg(height: number, option: ChartOption): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 1040, height });
  chart.setOption({ animation: false, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
