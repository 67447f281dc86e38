import type { AnswerLimit, PolicyAnswer } from '@bitwright/core';
import { metrics } from './constraint.js';
import { fromWirePolicyCost, optionalAmount, toWirePolicyCost } from './cost.js';
import { limitText, mapEntries, optionalText, requireFinite, requireText } from './fields.js';
import type * as wire from './gen/bitwright/agent/v1/agent.js';
import { fromWireLayers, toWireLayers } from './layer.js';
import { LIMITS } from './limits.js';
import { fromWirePolicy, toWirePolicy } from './policy.js';

export function toWirePolicyAnswer(answer: PolicyAnswer): wire.ResolvePolicyResponse {
  return {
    policy: toWirePolicy(answer.policy),
    layers: toWireLayers(answer.layers),
    cost: toWirePolicyCost(answer.cost),
    objective: answer.objective.name,
    objectiveValue: answer.objective.value,
    predictedLossIncrease: answer.predictedLossIncrease,
    limits: answer.limits.map(({ metric, hardware, ...rest }) => ({
      ...rest,
      metric: metrics.toWire(metric),
      hardware: hardware ?? '',
    })),
  };
}

/** Throws `invalid_argument` naming the field. */
export function fromWirePolicyAnswer(message: wire.ResolvePolicyResponse, field: string): PolicyAnswer {
  const range = { min: 0, max: LIMITS.constraints * LIMITS.targets };
  return {
    policy: fromWirePolicy(message.policy, `${field}.policy`),
    layers: fromWireLayers(message.layers, `${field}.layers`),
    cost: fromWirePolicyCost(message.cost, `${field}.cost`),
    objective: {
      name: requireText(message.objective, `${field}.objective`),
      value: requireFinite(message.objectiveValue, `${field}.objective_value`),
    },
    predictedLossIncrease: optionalAmount(message.predictedLossIncrease, `${field}.predicted_loss_increase`),
    limits: mapEntries(message.limits, `${field}.limits`, range, fromWireLimit),
  };
}

function fromWireLimit(message: wire.AnswerLimit, field: string): AnswerLimit {
  return {
    metric: metrics.fromWire(message.metric, `${field}.metric`),
    hardware: optionalText(message.hardware, `${field}.hardware`, LIMITS.name),
    budget: limitText(message.budget, `${field}.budget`),
    limit: requireFinite(message.limit, `${field}.limit`),
    reached: optionalAmount(message.reached, `${field}.reached`),
    shadowPrice: requireFinite(message.shadowPrice, `${field}.shadow_price`),
  };
}
