import { type CostTable, costCell, hasCell, repeatedCosts } from '../cost/cost-table.js';
import { marginalsOf } from '../cost/marginals.js';
import type { Layer } from '../network/layers.js';
import { layerSizeBits, pointsPerChannel } from '../policy/points.js';
import type { LayerPrecision, PrecisionPolicy } from '../policy/policy.js';
import type { ReportLayer, ReportLayerCost } from './report.js';

/** The layers of a policy with their bits and what these cost on each target. */
export function reportLayers(
  tables: readonly CostTable[],
  layers: readonly Layer[],
  policy: PrecisionPolicy,
): readonly ReportLayer[] {
  const repeats = pointsPerChannel(policy, layers);
  const pairs = tables.map((single) => ({ single, table: repeatedCosts(single, repeats) }));
  return layers.map((layer, index) => reportLayer(pairs, layer, policy, repeats[index] as number));
}

/**
 * A target's costs of each layer run once, and of each as often as the policy has points for a channel, as it is priced: so
 * that layers add up to the total.
 */
type CostPair = { readonly single: CostTable; readonly table: CostTable };

function reportLayer(pairs: readonly CostPair[], layer: Layer, policy: PrecisionPolicy, repeats: number): ReportLayer {
  const precision = policy.layers[layer.index] as LayerPrecision;
  const { weightBits, activationBits } = precision;
  const { index, name, kind, weights, macs } = layer;
  const targets = pairs.map((pair) => ({
    hardware: pair.table.hardware,
    ...layerCost(pair, index, macs * repeats, precision),
  }));
  const points = policy.layerPoints?.[index];
  const { hardware: _, ...primary } = targets[0] as (typeof targets)[number];
  return {
    ...{ index, name, kind, weights, macs, weightBits, activationBits },
    sizeBytes: layerSizeBits(policy, layer, repeats) / 8,
    ...(points !== undefined && { points }),
    ...primary,
    ...(targets.length > 1 && { targets }),
  };
}

/** At 8 bits there are no points. */
function layerCost(
  { single, table }: CostPair,
  layer: number,
  macs: number,
  precision: LayerPrecision,
): ReportLayerCost {
  const { weightBits, activationBits } = precision;
  const cell = cellOf(table, layer, precision);
  const marginals = cell && marginalsOf(table, layer, weightBits, activationBits);
  const operations = 2 * weightBits * activationBits * macs * table.batch;
  return {
    executedWeightBits: cell?.executedWeightBits ?? weightBits,
    executedActivationBits: cell?.executedActivationBits ?? activationBits,
    counted: table.counted[layer] === true,
    latencyMs: cell?.latencyMs ?? null,
    latencyMsAt8Bits: cellOf(single, layer, { weightBits: 8, activationBits: 8 })?.latencyMs ?? null,
    energyMj: cell?.energyMj ?? null,
    trafficBytes: cell?.trafficBytes ?? null,
    operationsPerByte: cell?.trafficBytes ? operations / cell.trafficBytes : null,
    bound: cell?.bound ?? null,
    latencyMsPerWeightBit: marginals?.perWeightBit?.latencyMs ?? null,
    latencyMsPerActivationBit: marginals?.perActivationBit?.latencyMs ?? null,
    energyMjPerWeightBit: marginals?.perWeightBit?.energyMj ?? null,
    energyMjPerActivationBit: marginals?.perActivationBit?.energyMj ?? null,
    interpolated: cell?.interpolated === true,
  };
}

function cellOf(table: CostTable, layer: number, precision: LayerPrecision) {
  if (!hasCell(table, layer, precision)) return undefined;
  return costCell(table, layer, precision.weightBits, precision.activationBits);
}
