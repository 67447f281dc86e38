import { type CostTable, costCell, hasCell } from '../cost/cost-table.js';
import { marginalsOf } from '../cost/marginals.js';
import type { Layer } from '../network/layers.js';
import { layerSizeBits } from '../policy/points.js';
import type { LayerPrecision, PrecisionPolicy } from '../policy/policy.js';
import type { ReportLayer, ReportLayerCost } from './report.js';

/** A layer of a policy with its bits and what they cost on each target. */
export function reportLayer(tables: readonly CostTable[], layer: Layer, policy: PrecisionPolicy): ReportLayer {
  const precision = policy.layers[layer.index] as LayerPrecision;
  const { weightBits, activationBits } = precision;
  const { index, name, kind, weights, macs } = layer;
  const targets = tables.map((table) => ({ hardware: table.hardware, ...layerCost(table, layer, precision) }));
  const points = policy.layerPoints?.[index];
  const { hardware: _, ...primary } = targets[0] as (typeof targets)[number];
  return {
    ...{ index, name, kind, weights, macs, weightBits, activationBits },
    sizeBytes: layerSizeBits(policy, layer, points === undefined ? 1 : points / layer.outChannels) / 8,
    ...(points !== undefined && { points }),
    ...primary,
    ...(targets.length > 1 && { targets }),
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
