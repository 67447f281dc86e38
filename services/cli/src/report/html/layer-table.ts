import type { ReportLayer } from '@bitwright/core';
import { formatBytes, formatColumn, formatNumber } from '../../terminal/format.js';
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
  'ops/byte',
  'bound by',
  'ms a weight bit',
  'ms an activation bit',
];

/** One line per layer: its bits, what the hardware makes of them, what they cost, and what one bit less would save. */
export function layerTable(layers: readonly ReportLayer[]): string {
  const latencies = formatColumn(layers.map(({ latencyMs }) => latencyMs));
  const references = formatColumn(layers.map(({ latencyMsAt8Bits }) => latencyMsAt8Bits));
  const energies = formatColumn(layers.map(({ energyMj }) => energyMj));
  const perWeightBit = formatColumn(layers.map(({ latencyMsPerWeightBit }) => latencyMsPerWeightBit));
  const perActivationBit = formatColumn(layers.map(({ latencyMsPerActivationBit }) => latencyMsPerActivationBit));
  const rows = layers.map((layer, index) => {
    const latency = `${latencies[index] ?? ''}${layer.interpolated === true ? ' (interpolated)' : ''}`;
    const costs = [latency, references[index] ?? '', energies[index] ?? ''];
    const savings = [perWeightBit[index] ?? '', perActivationBit[index] ?? ''];
    const what = [layer.name, layer.kind, ...bitsOf(layer)];
    const cells = [
      ...what,
      ...costs,
      trafficText(layer),
      formatNumber(layer.operationsPerByte),
      layer.bound ?? '–',
      ...savings,
    ];
    return { cells, className: layer.counted ? '' : 'quiet' };
  });
  return htmlTable(HEADS, rows, 2);
}

function bitsOf(layer: ReportLayer): readonly string[] {
  const { weightBits, activationBits, executedWeightBits, executedActivationBits } = layer;
  return [`${weightBits} bit`, `${activationBits} bit`, `${executedWeightBits}/${executedActivationBits}`];
}

const trafficText = ({ trafficBytes }: ReportLayer) => (trafficBytes === null ? '–' : formatBytes(trafficBytes));
