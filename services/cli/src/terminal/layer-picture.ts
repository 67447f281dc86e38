import { FLOAT_BITS, type Report, type ReportLayer } from '@bitwright/core';
import pc from 'picocolors';
import { hardwareOf, layersOn } from '../report/targets.js';
import { formatColumn } from './format.js';

const FULL = '█';
const EMPTY = '·';

/** One line per layer: a bar of weight bits, a bar of activation bits, and on each target latency and what bounds it. */
export function layerPicture(report: Report): string {
  const { layers } = report;
  const width = Math.max('layer'.length, ...layers.map(({ name }) => name.length));
  const targets = hardwareOf(report).map(({ name }) => costColumns(report, name));
  const heads = targets.map(({ head }) => head).join('  ');
  const heading = `${'layer'.padEnd(width)}  weights      activations  ${heads}`.trimEnd();
  const lines = layers.map((layer, index) => {
    const costs = targets.map(({ lines: texts }) => texts[index] ?? '').join('  ');
    return layerLine(layer, width, costs);
  });
  return [pc.bold(heading), ...lines, ...legend(report)].join('\n');
}

function layerLine(layer: ReportLayer, width: number, costs: string): string {
  const bars = `${pc.cyan(bar(layer.weightBits))}  ${pc.magenta(bar(layer.activationBits))} `;
  const name = layer.name.padEnd(width);
  const tail = costs.trimEnd();
  return (layer.counted ? `${name}  ${bars} ${tail}` : `${pc.gray(name)}  ${bars} ${pc.gray(tail)}`).trimEnd();
}

type CostColumns = { readonly head: string; readonly lines: readonly string[] };

/** Latency, against 8 bits, and what bounds it, all of the same width. */
function costColumns(report: Report, target: string): CostColumns {
  const layers = layersOn(report, target);
  const title = report.provenance.targets === undefined ? 'latency ms' : `${target} ms`;
  const latencies = formatColumn(layers.map(({ latencyMs }) => latencyMs));
  const bounds = layers.map(boundText);
  const latencyWidth = Math.max(title.length, ...latencies.map((text) => text.length));
  const boundWidth = Math.max('bound by'.length, ...bounds.map((text) => text.length));
  const line = (latency: string, ratio: string, bound: string) =>
    `${latency.padStart(latencyWidth)}  ${ratio.padStart('of 8 bit'.length)}  ${bound.padEnd(boundWidth)}`;
  return {
    head: line(title, 'of 8 bit', 'bound by'),
    lines: layers.map((layer, index) => line(latencies[index] ?? '', ratioText(layer), bounds[index] ?? '')),
  };
}

/** `████····  4`; float is a full bar. */
function bar(bits: number): string {
  const shown = Math.min(bits, 8);
  return `${FULL.repeat(shown)}${EMPTY.repeat(8 - shown)} ${bits >= FLOAT_BITS ? ' f' : String(bits).padStart(2)}`;
}

function ratioText({ latencyMs, latencyMsAt8Bits }: ReportLayer): string {
  return latencyMs === null || !latencyMsAt8Bits ? '–' : `${(latencyMs / latencyMsAt8Bits).toFixed(2)}x`;
}

/** Also says when the hardware runs something wider than was asked, and when the latency is a guess. */
function boundText(layer: ReportLayer): string {
  const { weightBits, activationBits, executedWeightBits, executedActivationBits, bound, counted, interpolated } =
    layer;
  const differs = executedWeightBits !== weightBits || executedActivationBits !== activationBits;
  const notes = [
    differs ? `runs as ${executedWeightBits}/${executedActivationBits}` : '',
    counted ? '' : 'not counted',
    interpolated === true ? 'interpolated' : '',
  ];
  return [bound ?? '', ...notes].filter((text) => text !== '').join(', ');
}

function legend(report: Report): readonly string[] {
  const bars = `${pc.cyan(FULL)} weight bits  ${pc.magenta(FULL)} activation bits, of 8`;
  const isOne = report.provenance.targets === undefined;
  const bounds = hardwareOf(report).flatMap(({ name }) => {
    const counts = boundCounts(layersOn(report, name));
    return counts === '' ? [] : [`${isOne ? 'bound' : `bound on ${name}`}: ${counts}`];
  });
  return [[bars, ...bounds].join('  ·  ')];
}

function boundCounts(layers: readonly ReportLayer[]): string {
  const counts = (['compute', 'memory', 'overhead'] as const)
    .map((bound) => ({ bound, count: layers.filter((layer) => layer.counted && layer.bound === bound).length }))
    .filter(({ count }) => count > 0)
    .map(({ bound, count }) => `${count} by ${bound}`);
  return counts.join(', ');
}
