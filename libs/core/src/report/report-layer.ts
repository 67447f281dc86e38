import { type CostTable, costCell, hasCell } from '../cost/cost-table.js';
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
  const pieces = policy.weightQuantizer === 'multipoint' ? pointsPerChannel(policy, layers) : [];
  return layers.map((layer, index) => reportLayer(tables, layer, policy, pieces[index] ?? 1));
}

/** `pieces` says how many points a channel has in the mean. */
function reportLayer(tables: readonly CostTable[], layer: Layer, policy: PrecisionPolicy, pieces: number): ReportLayer {
  const precision = policy.layers[layer.index] as LayerPrecision;
  const { weightBits, activationBits } = precision;
  const { index, name, kind, weights, macs } = layer;
  const targets = tables.map((table) => ({
    hardware: table.hardware,
    ...timesPieces(layerCost(table, layer, precision), pieces),
  }));
  const points = policy.layerPoints?.[index];
  const { hardware: _, ...primary } = targets[0] as (typeof targets)[number];
  return {
    ...{ index, name, kind, weights, macs, weightBits, activationBits },
    sizeBytes: layerSizeBits(policy, layer, pieces) / 8,
    ...(points !== undefined && { points }),
    ...primary,
    ...(targets.length > 1 && { targets }),
  };
}

/**
 * A layer with n points for each channel is run n times, as its policy is priced: so that layers add up to the total. At
 * 8 bits there are no points.
 */
function timesPieces(cost: ReportLayerCost, pieces: number): ReportLayerCost {
  const times = (figure: number | null) => (figure === null ? null : figure * pieces);
  return {
    ...cost,
    latencyMs: times(cost.latencyMs),
    energyMj: times(cost.energyMj),
    trafficBytes: times(cost.trafficBytes),
    latencyMsPerWeightBit: times(cost.latencyMsPerWeightBit),
    latencyMsPerActivationBit: times(cost.latencyMsPerActivationBit),
    energyMjPerWeightBit: times(cost.energyMjPerWeightBit),
    energyMjPerActivationBit: times(cost.energyMjPerActivationBit),
  };
}

function layerCost(table: CostTable, { index, macs }: Layer, precision: LayerPrecision): ReportLayerCost {
  const { weightBits, activationBits } = precision;
  const cell = cellOf(table, index, precision);
  const marginals = cell && marginalsOf(table, index, weightBits, activationBits);
  const operations = 2 * weightBits * activationBits * macs * table.batch;
  return {
    executedWeightBits: cell?.executedWeightBits ?? weightBits,
    executedActivationBits: cell?.executedActivationBits ?? activationBits,
    counted: table.counted[index] === true,
    latencyMs: cell?.latencyMs ?? null,
    latencyMsAt8Bits: cellOf(table, index, { weightBits: 8, activationBits: 8 })?.latencyMs ?? null,
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
