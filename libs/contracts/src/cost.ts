import type { Bound, LayerCost, PolicyCost, Provenance, TargetCost } from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import { mapEntries, requireAmount, requireBits, requireMessage, requireText } from './fields.js';
import * as wire from './gen/bitwright/common/v1/cost.js';
import { LIMITS } from './limits.js';

export const bounds = createEnumCodec<Bound, wire.Bound>({
  compute: wire.Bound.BOUND_COMPUTE,
  memory: wire.Bound.BOUND_MEMORY,
  overhead: wire.Bound.BOUND_OVERHEAD,
});

export const provenances = createEnumCodec<Provenance, wire.Provenance>({
  simulated: wire.Provenance.PROVENANCE_SIMULATED,
  table: wire.Provenance.PROVENANCE_TABLE,
  measured: wire.Provenance.PROVENANCE_MEASURED,
});

export function toWireLayerCost(cost: LayerCost): wire.LayerCost {
  return { ...cost, bound: bounds.toWireOptional(cost.bound), interpolated: cost.interpolated === true };
}

/** Throws `invalid_argument` naming the field when an amount is negative or not finite. */
export function fromWireLayerCost(message: wire.LayerCost, field: string): LayerCost {
  return {
    latencyMs: requireAmount(message.latencyMs, `${field}.latency_ms`),
    energyMj: optionalAmount(message.energyMj, `${field}.energy_mj`),
    trafficBytes: optionalAmount(message.trafficBytes, `${field}.traffic_bytes`),
    bound: bounds.fromWireOptional(message.bound, `${field}.bound`),
    computeMs: optionalAmount(message.computeMs, `${field}.compute_ms`),
    memoryMs: optionalAmount(message.memoryMs, `${field}.memory_ms`),
    overheadMs: optionalAmount(message.overheadMs, `${field}.overhead_ms`),
    executedWeightBits: requireBits(message.executedWeightBits, `${field}.executed_weight_bits`),
    executedActivationBits: requireBits(message.executedActivationBits, `${field}.executed_activation_bits`),
    spreadMs: optionalAmount(message.spreadMs, `${field}.spread_ms`),
    interpolated: message.interpolated ? true : undefined,
  };
}

export function toWirePolicyCost(cost: PolicyCost): wire.PolicyCost {
  const { latencyMs, energyMj, sizeBytes, bops, effectiveBits, targets = [] } = cost;
  return { latencyMs, energyMj, sizeBytes, bops, effectiveBits, targets: targets.map((target) => ({ ...target })) };
}

export function fromWirePolicyCost(message: wire.PolicyCost | undefined, field: string): PolicyCost {
  const cost = requireMessage(message, field);
  const targets = mapEntries(cost.targets, `${field}.targets`, { min: 0, max: LIMITS.targets }, fromWireTargetCost);
  return {
    latencyMs: optionalAmount(cost.latencyMs, `${field}.latency_ms`),
    energyMj: optionalAmount(cost.energyMj, `${field}.energy_mj`),
    sizeBytes: requireAmount(cost.sizeBytes, `${field}.size_bytes`),
    bops: requireAmount(cost.bops, `${field}.bops`),
    effectiveBits: requireAmount(cost.effectiveBits, `${field}.effective_bits`),
    ...(targets.length > 0 && { targets }),
  };
}

function fromWireTargetCost(message: wire.TargetCost, field: string): TargetCost {
  return {
    hardware: requireText(message.hardware, `${field}.hardware`),
    latencyMs: optionalAmount(message.latencyMs, `${field}.latency_ms`),
    energyMj: optionalAmount(message.energyMj, `${field}.energy_mj`),
  };
}

/** An absent amount stays absent. */
export function optionalAmount(value: number | undefined, field: string): number | undefined {
  return value === undefined ? undefined : requireAmount(value, field);
}
