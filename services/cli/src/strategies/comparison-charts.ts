import type { ComparedStrategy, StrategyComparison } from '@bitwright/core';
import { COLORS, LEGEND, renderSvg } from '../report/charts/render-svg.js';

type Series = Readonly<Record<string, unknown>>;

/**
 * One for each strategy, in the order of the comparison; apart for most colour-blind readers (Okabe and Ito, with a brown for
 * the ninth strategy).
 */
const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#f0e442', '#7f4f24'];

const colorOf = (index: number) => PALETTE[index % PALETTE.length] as string;
const percent = (share: number) => Number((100 * share).toFixed(2));

/** The front of each strategy, with the controls and the budget. */
export function frontsChart({ strategies, controls, relativeLimit }: StrategyComparison): string {
  const priced = controls.filter(({ relativeCost, testAccuracy }) => relativeCost !== null && testAccuracy !== null);
  const limit = { type: 'dashed', color: COLORS.result };
  const markLine = {
    ...{ symbol: 'none', precision: 9, silent: true, lineStyle: limit },
    ...{ label: { formatter: 'budget', color: COLORS.result }, data: [{ xAxis: relativeLimit }] },
  };
  const uniform: Series = {
    ...{ name: 'controls (test)', type: 'scatter', symbol: 'diamond', symbolSize: 11, color: COLORS.quiet },
    data: priced.map((control) => [control.relativeCost, percent(control.testAccuracy?.mean ?? 0)]),
    ...(relativeLimit === null ? {} : { markLine }),
  };
  return renderSvg(470, {
    legend: { ...LEGEND, bottom: 0 },
    grid: { left: 70, right: 40, top: 40, bottom: 84 },
    xAxis: { type: 'value', name: 'of the cost at 8 bits', scale: true, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'value', name: 'accuracy, %', scale: true, min: lowestShown(strategies) },
    series: [...strategies.map(frontLine), uniform],
  });
}

function frontLine({ strategy, front }: ComparedStrategy, index: number): Series {
  return {
    ...{ name: strategy, type: 'line', step: 'end', color: colorOf(index), symbolSize: 6 },
    data: front.map(({ relativeCost, validationAccuracy }) => [relativeCost, percent(validationAccuracy)]),
  };
}

/** The cheap ends of fronts are steep: the axis starts ten points below the best. */
function lowestShown(strategies: readonly ComparedStrategy[]): number {
  const accuracies = strategies.flatMap(({ front }) => front.map((point) => point.validationAccuracy));
  const lowest = Math.min(...accuracies, 1);
  return Math.floor(100 * Math.max(lowest, Math.max(...accuracies, 0) - 0.1));
}

/** Every seed a bar. */
export function seedsChart({ strategies }: StrategyComparison): string {
  const seeds = [...new Set(strategies.flatMap(({ runs }) => runs.map(({ seed }) => seed)))];
  const accuracyOf = ({ runs }: ComparedStrategy, seed: number) =>
    runs.find((run) => run.seed === seed)?.testAccuracy ?? null;
  return renderSvg(320, {
    legend: { ...LEGEND, top: 0 },
    grid: { left: 60, right: 20, top: 50, bottom: 40 },
    xAxis: { type: 'category', data: strategies.map(({ strategy }) => strategy) },
    yAxis: { type: 'value', name: 'accuracy, %', scale: true },
    series: seeds.map(
      (seed, index): Series => ({
        ...{ name: `seed ${seed}`, type: 'bar', color: colorOf(index), barGap: 0 },
        data: strategies.map((strategy) => {
          const accuracy = accuracyOf(strategy, seed);
          return accuracy === null ? null : percent(accuracy);
        }),
      }),
    ),
  });
}
