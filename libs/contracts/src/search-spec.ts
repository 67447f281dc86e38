import { completeSearchSpec, type HardwareTarget, invalidField, type PinRule, type SearchSpec } from '@bitwright/core';
import { fromWireConstraint, toWireConstraint } from './constraint.js';
import { createEnumCodec } from './enum-codec.js';
import { fromWireFidelity, toWireFidelity } from './evaluation.js';
import { limitText, mapEntries, requireBitChoices, requireInteger, requireMessage, requireText } from './fields.js';
import * as wire from './gen/bitwright/agent/v1/agent.js';
import { countedLayers, fromWireHardwareOptions } from './hardware.js';
import { LIMITS } from './limits.js';
import { fromWireModelSource, toWireModelSource } from './model.js';
import { fromWireScheme, toWireScheme } from './policy.js';

const pins = createEnumCodec<PinRule, wire.PinRule>({
  'first-last': wire.PinRule.PIN_RULE_FIRST_LAST,
  none: wire.PinRule.PIN_RULE_NONE,
});

export function toWireSearchSpec(spec: SearchSpec): wire.SearchSpec {
  return {
    model: toWireModelSource(spec.model),
    dataset: spec.dataset.name,
    hardware: spec.hardware.map(toWireTarget),
    budget: spec.budget.map(toWireConstraint),
    strategy: { name: spec.strategy.name, optionsJson: JSON.stringify(spec.strategy.options) },
    scheme: toWireScheme(spec.scheme),
    weightBits: [...spec.weightBits],
    activationBits: [...spec.activationBits],
    pin: pins.toWire(spec.pin),
    maxTrials: spec.maxTrials,
    trialFidelity: toWireFidelity(spec.trialFidelity),
    finalFidelity: toWireFidelity(spec.finalFidelity),
    finalists: spec.finalists,
    seed: spec.seed,
    timeLimitSeconds: spec.timeLimitSeconds ?? 0,
  };
}

/**
 * What is absent, empty or 0 gets its value from core's `completeSearchSpec` (a seed of 0 stays 0). Throws
 * `invalid_argument` naming the field.
 */
export function fromWireSearchSpec(message: wire.SearchSpec | undefined, field: string): SearchSpec {
  const spec = requireMessage(message, field);
  const constraints = { min: 0, max: LIMITS.constraints };
  return completeSearchSpec({
    model: fromWireModelSource(spec.model, `${field}.model`),
    dataset: { name: requireText(spec.dataset, `${field}.dataset`, LIMITS.path) },
    hardware: mapEntries(spec.hardware, `${field}.hardware`, { min: 1, max: LIMITS.targets }, fromWireTarget),
    budget: mapEntries(spec.budget, `${field}.budget`, constraints, fromWireConstraint),
    seed: requireInteger(spec.seed, `${field}.seed`, { min: 0, max: LIMITS.uint32 }),
    ...fromWireChoices(spec, field),
    ...fromWireEffort(spec, field),
  });
}

export function toWireTarget({ name, batch, counted }: HardwareTarget): wire.HardwareTarget {
  return { name, batch: batch ?? 0, counted: countedLayers.toWireOptional(counted) };
}

export function fromWireTarget(message: wire.HardwareTarget, field: string): HardwareTarget {
  const { batch, counted } = fromWireHardwareOptions(message, field);
  return { name: requireText(message.name, `${field}.name`), batch, counted };
}

function fromWireStrategy(message: wire.StrategySpec, field: string): SearchSpec['strategy'] {
  return {
    name: requireText(message.name, `${field}.name`),
    options: parseOptions(limitText(message.optionsJson, `${field}.options_json`, LIMITS.optionsJson), field),
  };
}

function parseOptions(text: string, field: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  try {
    const options: unknown = JSON.parse(text);
    if (typeof options === 'object' && options !== null && !Array.isArray(options))
      return options as Record<string, unknown>;
  } catch {
    // The refusal below says it all.
  }
  throw invalidField(`${field}.options_json`, 'is not a JSON object', 'JSON');
}

function fromWireChoices(spec: wire.SearchSpec, field: string): Partial<SearchSpec> {
  const { strategy, scheme, weightBits, activationBits, pin } = spec;
  return {
    ...(strategy !== undefined && { strategy: fromWireStrategy(strategy, `${field}.strategy`) }),
    ...(scheme !== undefined && { scheme: fromWireScheme(scheme, `${field}.scheme`) }),
    ...(weightBits.length > 0 && { weightBits: requireBitChoices(weightBits, `${field}.weight_bits`) }),
    ...(activationBits.length > 0 && { activationBits: requireBitChoices(activationBits, `${field}.activation_bits`) }),
    ...(pin !== 0 && { pin: pins.fromWire(pin, `${field}.pin`) }),
  };
}

function fromWireEffort(spec: wire.SearchSpec, field: string): Partial<SearchSpec> {
  const { maxTrials, trialFidelity, finalFidelity, finalists, timeLimitSeconds } = spec;
  const count = (value: number, name: string, max: number) =>
    requireInteger(value, `${field}.${name}`, { min: 1, max });
  return {
    ...(maxTrials !== 0 && { maxTrials: count(maxTrials, 'max_trials', LIMITS.trials) }),
    ...(trialFidelity && { trialFidelity: fromWireFidelity(trialFidelity, `${field}.trial_fidelity`) }),
    ...(finalFidelity && { finalFidelity: fromWireFidelity(finalFidelity, `${field}.final_fidelity`) }),
    ...(timeLimitSeconds !== 0 && { timeLimitSeconds }),
    ...(finalists !== 0 && { finalists: count(finalists, 'finalists', LIMITS.finalists) }),
  };
}
