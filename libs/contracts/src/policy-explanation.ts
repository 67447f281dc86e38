import type {
  HardwareTarget,
  LayerStanding,
  ModelSource,
  PolicyExplanation,
  PrecisionPolicy,
  Saving,
} from '@bitwright/core';
import { fromWireLayerCost, optionalAmount, toWireLayerCost } from './cost.js';
import { limitText, mapEntries, requireDimension, requireFinite, requireMessage, requireShare } from './fields.js';
import type * as wire from './gen/bitwright/agent/v1/agent.js';
import { fromWireLayers, toWireLayers } from './layer.js';
import { LIMITS } from './limits.js';
import { fromWireModelSource, toWireModelSource } from './model.js';
import { fromWirePolicy, fromWirePrecision, toWirePolicy } from './policy.js';
import { fromWireTarget, toWireTarget } from './search-spec.js';

/** What is to be explained: a policy of a model on a target. */
export type ExplainPolicyRequest = {
  readonly model: ModelSource;
  readonly hardware: HardwareTarget;
  readonly policy: PrecisionPolicy;
};

export function toWireExplainPolicyRequest({
  model,
  hardware,
  policy,
}: ExplainPolicyRequest): wire.ExplainPolicyRequest {
  return { model: toWireModelSource(model), hardware: toWireTarget(hardware), policy: toWirePolicy(policy) };
}

/** Throws `invalid_argument` naming the field. */
export function fromWireExplainPolicyRequest({
  model,
  hardware,
  policy,
}: wire.ExplainPolicyRequest): ExplainPolicyRequest {
  return {
    model: fromWireModelSource(model, 'model'),
    hardware: fromWireTarget(requireMessage(hardware, 'hardware'), 'hardware'),
    policy: fromWirePolicy(policy, 'policy'),
  };
}

export function toWirePolicyExplanation(explanation: PolicyExplanation): wire.ExplainPolicyResponse {
  const { hardware, batch, policy, standings } = explanation;
  const layers = toWireLayers(explanation.layers).map((layer, index) => {
    const { cost, marginals, ...rest } = standings[index] as LayerStanding;
    return { ...rest, ...marginals, layer, precision: policy.layers[index], cost: toWireLayerCost(cost) };
  });
  return { hardware, batch, layers };
}

/** Throws `invalid_argument` naming the field. */
export function fromWirePolicyExplanation(message: wire.ExplainPolicyResponse, field: string): PolicyExplanation {
  const path = `${field}.layers`;
  const entries = mapEntries(message.layers, path, { min: 1, max: LIMITS.layers }, (entry, at) => ({
    layer: requireMessage(entry.layer, `${at}.layer`),
    precision: fromWirePrecision(requireMessage(entry.precision, `${at}.precision`), `${at}.precision`),
    standing: fromWireStanding(entry, at),
  }));
  const layers = entries.map(({ layer }) => layer);
  return {
    hardware: limitText(message.hardware, `${field}.hardware`),
    batch: requireDimension(message.batch, `${field}.batch`),
    layers: fromWireLayers(layers, path),
    policy: { layers: entries.map(({ precision }) => precision) },
    standings: entries.map(({ standing }) => standing),
  };
}

function fromWireStanding(message: wire.LayerStanding, field: string): LayerStanding {
  return {
    cost: fromWireLayerCost(requireMessage(message.cost, `${field}.cost`), `${field}.cost`),
    rank: optionalAmount(message.rank, `${field}.rank`),
    share: requireShare(message.share, `${field}.share`),
    intensity: optionalAmount(message.intensity, `${field}.intensity`),
    marginals: {
      perWeightBit: fromWireSaving(message.perWeightBit, `${field}.per_weight_bit`),
      perActivationBit: fromWireSaving(message.perActivationBit, `${field}.per_activation_bit`),
    },
  };
}

function fromWireSaving(message: wire.BitSaving | undefined, field: string): Saving | undefined {
  if (message === undefined) return undefined;
  const { latencyMs, energyMj } = message;
  return {
    latencyMs: requireFinite(latencyMs, `${field}.latency_ms`),
    energyMj: energyMj === undefined ? undefined : requireFinite(energyMj, `${field}.energy_mj`),
  };
}
