import { BitwrightError, type CostTable, type Layer, type LayerPrecision } from '@bitwright/core';
import { layerPrecisions } from '../graph/layer-precisions.js';
import { type BitVariable, type EdgeBits, highestBits } from '../graph/search-space.js';
import type { Topology } from '../graph/topology.js';
import type { LatencyTerm } from './objective.js';

/**
 * Latency by a cost table, relative to that of the most bits. A layer costs what its bits cost, or the next wider pair that
 * the table has. Throws `unsupported` where the table has no cost for a counted layer at its most bits.
 */
export function latencyTerm(
  table: CostTable,
  layers: readonly Layer[],
  topology: Topology,
  space: readonly BitVariable[],
  weight: number,
): LatencyTerm {
  const latencyMs = (bits: EdgeBits) =>
    layerPrecisions(layers, topology, space, bits).reduce(
      (sum, precision, layer) => (table.counted[layer] === true ? sum + layerLatencyMs(table, layer, precision) : sum),
      0,
    );
  const most = latencyMs(highestBits(space));
  return { weight, relative: (bits) => latencyMs(bits) / most };
}

function layerLatencyMs(
  { hardware, weightBits, activationBits, cells }: CostTable,
  layer: number,
  asked: LayerPrecision,
) {
  let least = Number.POSITIVE_INFINITY;
  for (const [row, weight] of weightBits.entries()) {
    for (const [column, activation] of activationBits.entries()) {
      const cell = cells[layer]?.[row]?.[column];
      const isWideEnough = weight >= asked.weightBits && activation >= asked.activationBits;
      if (cell !== undefined && isWideEnough) least = Math.min(least, cell.latencyMs);
    }
  }
  if (Number.isFinite(least)) return least;
  const message = `${hardware} has no cost for layer ${layer} at ${asked.weightBits}-bit weights and ${asked.activationBits}-bit activations`;
  throw new BitwrightError('unsupported', 'PRECISION_UNSUPPORTED', message);
}
