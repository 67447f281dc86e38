import type { Report, ReportLayer } from '@bitwright/core';
import { formatBytes, formatColumn } from '../../terminal/format.js';
import { htmlTable } from './markup.js';

const HEADS = [
  'layer',
  'kind',
  'weights',
  'activations',
  'runs as',
  'latency ms',
  'at 8 bit',
  'energy mJ',
  'traffic',
  'bound by',
];

/** One line per layer: its bits, what the hardware makes of them, and what they cost. */
export function layerTable({ layers }: Report): string {
  const latencies = formatColumn(layers.map(({ latencyMs }) => latencyMs));
  const references = formatColumn(layers.map(({ latencyMsAt8Bits }) => latencyMsAt8Bits));
  const energies = formatColumn(layers.map(({ energyMj }) => energyMj));
  const rows = layers.map((layer, index) => {
    const costs = [latencies[index] ?? '', references[index] ?? '', energies[index] ?? ''];
    const cells = [layer.name, layer.kind, ...bitsOf(layer), ...costs, trafficText(layer), layer.bound ?? '–'];
    return { cells, className: layer.counted ? '' : 'quiet' };
  });
  return htmlTable(HEADS, rows, 2);
}

function bitsOf(layer: ReportLayer): readonly string[] {
  const { weightBits, activationBits, executedWeightBits, executedActivationBits } = layer;
  return [`${weightBits} bit`, `${activationBits} bit`, `${executedWeightBits}/${executedActivationBits}`];
}

const trafficText = ({ trafficBytes }: ReportLayer) => (trafficBytes === null ? '–' : formatBytes(trafficBytes));
