import type { Bound, Report, ReportLayer } from '@bitwright/core';
import { type ChartOption, COLORS, LEGEND, renderSvg } from './render-svg.js';

type Series = Readonly<Record<string, unknown>>;

/** Weight and activation bits of each layer, side by side; float shows as 8. */
export function bitsChart({ layers }: Report): string {
  const bars = (name: string, color: string, bitsOf: (layer: ReportLayer) => number): Series => ({
    ...{ name, type: 'bar', color, barGap: 0 },
    data: layers.map((layer) => Math.min(8, bitsOf(layer))),
  });
  return renderSvg(350, {
    ...layerAxes(layers, { type: 'value', name: 'bits', max: 8, interval: 2 }),
    series: [
      bars('weights', COLORS.weights, ({ weightBits }) => weightBits),
      bars('activations', COLORS.activations, ({ activationBits }) => activationBits),
    ],
  });
}

/** Latency of each layer at 8 bits and as found, coloured by what bounds it. */
export function latencyChart(layers: readonly ReportLayer[]): string {
  const reference: Series = {
    name: 'at 8 bit',
    type: 'bar',
    color: '#cbd5e1',
    barGap: 0,
    data: layers.map(({ latencyMsAt8Bits }) => latencyMsAt8Bits),
  };
  const bounds: readonly (readonly [Bound | null, string, string])[] = [
    ['compute', 'found, compute bound', COLORS.weights],
    ['memory', 'found, memory bound', COLORS.memory],
    ['overhead', 'found, overhead bound', COLORS.overhead],
    [null, 'found', COLORS.weights],
  ];
  const present = bounds.filter(([bound]) => layers.some((layer) => layer.bound === bound));
  const found = present.map(
    ([bound, name, color]): Series => ({
      ...{ name, type: 'bar', stack: 'found', color },
      data: layers.map((layer) => (layer.bound === bound ? layer.latencyMs : null)),
    }),
  );
  return renderSvg(350, { ...layerAxes(layers, { type: 'value', name: 'ms' }), series: [reference, ...found] });
}

function layerAxes(layers: readonly ReportLayer[], yAxis: ChartOption): ChartOption {
  return {
    legend: { ...LEGEND, top: 0 },
    grid: { left: 60, right: 20, top: 50, bottom: 20, containLabel: true },
    xAxis: { type: 'category', data: layers.map(({ name }) => shorten(name)), axisLabel: labelsFor(layers.length) },
    yAxis,
  };
}

/** Every layer is named while there is room; of very deep networks, some. */
function labelsFor(count: number) {
  return { rotate: 60, interval: count > 80 ? Math.ceil(count / 80) - 1 : 0, fontSize: count > 50 ? 8 : 10 };
}

const shorten = (name: string) => (name.length <= 24 ? name : `…${name.slice(-23)}`);
