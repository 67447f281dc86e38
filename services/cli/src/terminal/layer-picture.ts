import type { Report, ReportLayer } from '@bitwright/core';
import pc from 'picocolors';
import { formatNumber } from './format.js';

const FULL = '█';
const EMPTY = '·';

/** One line per layer: a bar of weight bits, a bar of activation bits, its latency and what bounds it. */
export function layerPicture(report: Report): string {
  const width = Math.max(5, ...report.layers.map(({ name }) => name.length));
  const heading = `${'layer'.padEnd(width)}  ${'weights'.padEnd(11)} ${'activations'.padEnd(11)} ${'latency ms'.padStart(11)}  bound by`;
  const lines = report.layers.map((layer) => layerLine(layer, width));
  const legend = `${pc.cyan(FULL)} weight bits  ${pc.magenta(FULL)} activation bits  (a bar of 8 is 8 bit; layers in grey do not count in the latency)`;
  return [pc.bold(heading), ...lines, legend].join('\n');
}

function layerLine(layer: ReportLayer, width: number): string {
  const weights = pc.cyan(bar(layer.weightBits));
  const activations = pc.magenta(bar(layer.activationBits));
  const latency = formatNumber(layer.latencyMs).padStart(11);
  const name = layer.name.padEnd(width);
  const tail = `${latency}  ${layer.bound ?? ''}`;
  return layer.counted
    ? `${name}  ${weights} ${activations} ${tail}`
    : `${pc.gray(name)}  ${weights} ${activations} ${pc.gray(tail)}`;
}

/** `████····  4`; float is shown as a full bar. */
function bar(bits: number): string {
  const shown = Math.min(bits, 8);
  return `${FULL.repeat(shown)}${EMPTY.repeat(8 - shown)} ${bits >= 32 ? ' f' : String(bits).padStart(2)}`;
}
