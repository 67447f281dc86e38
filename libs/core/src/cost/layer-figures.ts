import type { Layer } from '../network/layers.js';
import { pairsOf } from '../policy/kernel-pairs.js';
import { type LayerPrecision, type PrecisionPolicy, schemeOf } from '../policy/policy.js';
import type { LayerChoices, PrecisionSpace } from '../policy/precision-space.js';
import type { TargetMetric } from './budget.js';
import { type CostTable, costCell, hasCell } from './cost-table.js';

/** What a layer adds to a metric at a pair of bits; infinite where the tables do not say. */
export type LayerFigure = (layer: number, precision: LayerPrecision) => number;

/** The part that each layer has in a metric, by the tables: the metric of a policy is their sum. */
export function layerFigure(
  layers: readonly Layer[],
  tables: readonly CostTable[],
  { metric, target }: TargetMetric,
): LayerFigure {
  const table = tables.find(({ hardware }) => hardware === target) ?? tables[0];
  const sizeOf = (index: number) => layers[index] as Layer;
  const allWeights = layers.reduce((sum, { weights }) => sum + weights, 0);
  switch (metric) {
    case 'latency':
      return (layer, pair) => cellFigure(table, layer, pair, 'latencyMs');
    case 'energy':
      return (layer, pair) => cellFigure(table, layer, pair, 'energyMj');
    case 'size':
      return (layer, { weightBits }) => (sizeOf(layer).weights * weightBits) / 8;
    case 'bops':
      return (layer, { weightBits, activationBits }) => sizeOf(layer).macs * weightBits * activationBits;
    case 'effective-bits':
      return (layer, { weightBits }) => (sizeOf(layer).weights * weightBits) / allWeights;
  }
}

/** The policy of the space with the least of a figure; of equals the fewest bits. */
export function cheapestPolicy(space: PrecisionSpace, figure: LayerFigure): PrecisionPolicy {
  const cheapest = (choices: LayerChoices, layer: number) =>
    pairsOf(choices).reduce((best, pair) => (figure(layer, pair) < figure(layer, best) ? pair : best));
  return { ...schemeOf(space), layers: space.layers.map(cheapest) };
}

function cellFigure(
  table: CostTable | undefined,
  layer: number,
  pair: LayerPrecision,
  figure: 'latencyMs' | 'energyMj',
): number {
  if (table?.counted[layer] !== true) return 0;
  if (!hasCell(table, layer, pair)) return Number.POSITIVE_INFINITY;
  return costCell(table, layer, pair.weightBits, pair.activationBits)[figure] ?? Number.POSITIVE_INFINITY;
}
