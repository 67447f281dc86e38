import type { Bound, HardwareComparison, LayerComparison, LayerStanding } from '@bitwright/core';
import { type ChartOption, COLORS, LEGEND, renderSvg } from '../report/charts/render-svg.js';

type Side = 'first' | 'second';
type Series = Readonly<Record<string, unknown>>;

const BOUNDS: Readonly<Record<Bound, string>> = {
  compute: COLORS.weights,
  memory: COLORS.memory,
  overhead: COLORS.overhead,
};

/** Each layer on a target's roofline: operations per byte against operations reached in a second, both logarithmic. */
export function rooflineChart({ layers }: HardwareComparison, side: Side): string {
  const series = (Object.keys(BOUNDS) as Bound[]).map(
    (bound): Series => ({
      ...{ name: `${bound} bound`, type: 'scatter', symbolSize: 9, itemStyle: { color: BOUNDS[bound] } },
      data: layers.filter((layer) => layer[side].cost.bound === bound).flatMap((layer) => pointOf(layer, side)),
    }),
  );
  const axis = { type: 'log', nameLocation: 'middle' };
  return renderSvg(380, {
    legend: { ...LEGEND, top: 0 },
    grid: { left: 90, right: 30, top: 46, bottom: 56 },
    xAxis: { ...axis, name: 'binary operations per byte moved', nameGap: 30 },
    yAxis: { ...axis, name: 'binary GOPS reached', nameGap: 60 },
    series,
  });
}

function pointOf(layer: LayerComparison, side: Side): readonly (readonly [number, number])[] {
  const { intensity, cost }: LayerStanding = layer[side];
  if (intensity === undefined || cost.trafficBytes === undefined || cost.latencyMs === 0) return [];
  const operations = intensity * cost.trafficBytes;
  return [[round(intensity), round(operations / cost.latencyMs / 1e6)]];
}

const round = (value: number) => Number(value.toPrecision(4));

/** The share of the time that each layer takes on both targets. */
export function shareChart({ first, second, layers }: HardwareComparison): string {
  const bars = (name: string, color: string, side: Side): Series => ({
    ...{ name, type: 'bar', color, barGap: 0 },
    data: layers.map((layer) => round(100 * layer[side].share)),
  });
  return renderSvg(350, {
    ...axesOf(layers),
    series: [bars(first, COLORS.weights, 'first'), bars(second, COLORS.activations, 'second')],
  });
}

function axesOf(layers: readonly LayerComparison[]): ChartOption {
  const axisLabel = { rotate: 60, interval: layers.length > 80 ? Math.ceil(layers.length / 80) - 1 : 0, fontSize: 8 };
  return {
    legend: { ...LEGEND, top: 0 },
    grid: { left: 60, right: 20, top: 50, bottom: 20, containLabel: true },
    xAxis: { type: 'category', data: layers.map(({ layer }) => layer.name), axisLabel },
    yAxis: { type: 'value', name: '% of the time' },
  };
}
