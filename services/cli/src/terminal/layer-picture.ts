import { FLOAT_BITS, type Report, type ReportLayer } from '@bitwright/core';
import pc from 'picocolors';
import { formatColumn } from './format.js';

const FULL = '█';
const EMPTY = '·';

/** One line per layer: a bar of weight bits, a bar of activation bits, its latency, and what bounds it. */
export function layerPicture({ layers }: Report): string {
  const width = Math.max('layer'.length, ...layers.map(({ name }) => name.length));
  const latencies = formatColumn(layers.map(({ latencyMs }) => latencyMs));
  const latencyWidth = Math.max('latency ms'.length, ...latencies.map((text) => text.length));
  const heading = `${'layer'.padEnd(width)}  weights      activations  ${'latency ms'.padStart(latencyWidth)}  of 8 bit  bound by`;
  const lines = layers.map((layer, index) => layerLine(layer, width, (latencies[index] ?? '').padStart(latencyWidth)));
  return [pc.bold(heading), ...lines, ...legend(layers)].join('\n');
}

function layerLine(layer: ReportLayer, width: number, latency: string): string {
  const bars = `${pc.cyan(bar(layer.weightBits))}  ${pc.magenta(bar(layer.activationBits))} `;
  const name = layer.name.padEnd(width);
  const tail = `${latency}  ${ratioText(layer).padStart(8)}  ${boundText(layer)}`;
  return (layer.counted ? `${name}  ${bars} ${tail}` : `${pc.gray(name)}  ${bars} ${pc.gray(tail)}`).trimEnd();
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

function legend(layers: readonly ReportLayer[]): readonly string[] {
  const bars = `${pc.cyan(FULL)} weight bits  ${pc.magenta(FULL)} activation bits, of 8`;
  const bounds = (['compute', 'memory', 'overhead'] as const)
    .map((bound) => ({ bound, count: layers.filter((layer) => layer.counted && layer.bound === bound).length }))
    .filter(({ count }) => count > 0)
    .map(({ bound, count }) => `${count} by ${bound}`);
  return [bounds.length === 0 ? bars : `${bars}  ·  bound: ${bounds.join(', ')}`];
}
