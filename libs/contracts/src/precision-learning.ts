import {
  invalidField,
  isHardwareMetric,
  type LearnedLayer,
  type LearnPrecisionRequest,
  type LearnPrecisionResult,
  type PrecisionBudget,
  type PrecisionLimit,
  type PrecisionWidths,
} from '@bitwright/core';
import { metrics } from './constraint.js';
import { fromWireCostTable, toWireCostTable } from './cost-table.js';
import {
  fromWireEvaluationResult,
  fromWireFidelity,
  splits,
  toWireEvaluationResult,
  toWireFidelity,
} from './evaluation.js';
import {
  mapEntries,
  requireAmount,
  requireDigest,
  requireInteger,
  requireLength,
  requireMessage,
  requireNumber,
  requirePositive,
  requireShare,
  requireText,
} from './fields.js';
import type * as wire from './gen/bitwright/quantizer/v1/quantizer.js';
import { LIMITS } from './limits.js';
import { fromWireModelSource, toWireModelSource } from './model.js';
import { fromWirePolicy, toWirePolicy } from './policy.js';

const BITS = { min: 1, max: 8 };

/** As many as a search may have: each constraint on each target. */
const PRECISION_LIMITS = { min: 1, max: LIMITS.constraints * LIMITS.targets };

/** As many as a layer may have output channels. */
const SCALES = { min: 0, max: LIMITS.dimension };

export function toWireLearnPrecisionRequest(request: LearnPrecisionRequest): wire.LearnPrecisionRequest {
  const { model, dataset, budget, widths, pin, fidelity, split, ...numbers } = request;
  return {
    ...numbers,
    weightBits: [...(widths?.weightBits ?? [])],
    activationBits: [...(widths?.activationBits ?? [])],
    model: toWireModelSource(model),
    dataset: dataset.name,
    budget: toWireBudget(budget),
    pinFirstLast: pin === 'first-last',
    fidelity: toWireFidelity(fidelity),
    split: splits.toWire(split),
  };
}

/** Throws `invalid_argument` naming the field that is missing or out of range. */
export function fromWireLearnPrecisionRequest(
  message: wire.LearnPrecisionRequest,
  field: string,
): LearnPrecisionRequest {
  const maximumBits = requireInteger(message.maximumBits, `${field}.maximum_bits`, BITS);
  return {
    model: fromWireModelSource(message.model, `${field}.model`),
    dataset: { name: requireText(message.dataset, `${field}.dataset`, LIMITS.path) },
    budget: fromWireBudget(message.budget, `${field}.budget`),
    maximumBits,
    minimumBits: requireInteger(message.minimumBits, `${field}.minimum_bits`, { min: 1, max: maximumBits }),
    widths: fromWireWidths(message, field),
    pin: message.pinFirstLast ? 'first-last' : 'none',
    gateOrder: requireInteger(message.gateOrder, `${field}.gate_order`, { min: 1, max: 2 }) === 1 ? 1 : 2,
    levelRate: requireShare(message.levelRate, `${field}.level_rate`),
    correction: requireShare(message.correction, `${field}.correction`),
    gateRate: requireShare(message.gateRate, `${field}.gate_rate`),
    fidelity: fromWireFidelity(message.fidelity, `${field}.fidelity`),
    split: splits.fromWire(message.split, `${field}.split`),
    seed: requireInteger(message.seed, `${field}.seed`, { min: 0, max: LIMITS.uint32 }),
  };
}

/** Undefined where all may be used. */
function fromWireWidths(
  { weightBits, activationBits }: wire.LearnPrecisionRequest,
  field: string,
): PrecisionWidths | undefined {
  if (weightBits.length === 0 && activationBits.length === 0) return undefined;
  const widths = (bits: readonly number[], at: string) =>
    mapEntries(bits, `${field}.${at}`, { min: 1, max: LIMITS.bitChoices }, (width, place) =>
      requireInteger(width, place, BITS),
    );
  return { weightBits: widths(weightBits, 'weight_bits'), activationBits: widths(activationBits, 'activation_bits') };
}

function toWireBudget(budget: PrecisionBudget): wire.LearnPrecisionRequest['budget'] {
  if (budget.kind === 'mean-bits') {
    const { weightBits, activationBits } = budget;
    return { $case: 'meanBits', value: { weightBits, activationBits } };
  }
  return { $case: 'limits', value: { limits: budget.limits.map(toWireLimit) } };
}

function toWireLimit(limited: PrecisionLimit): wire.PrecisionLimit {
  const table = 'table' in limited ? toWireCostTable(limited.table) : undefined;
  return { metric: metrics.toWire(limited.metric), limit: limited.limit, table };
}

function fromWireBudget(message: wire.LearnPrecisionRequest['budget'], field: string): PrecisionBudget {
  if (message === undefined)
    throw invalidField(field, 'is missing; give mean bits or limits on what the network costs');
  if (message.$case === 'meanBits') {
    const { weightBits, activationBits } = message.value;
    return {
      kind: 'mean-bits',
      weightBits: requireNumber(weightBits, `${field}.mean_bits.weight_bits`, BITS),
      activationBits: requireNumber(activationBits, `${field}.mean_bits.activation_bits`, BITS),
    };
  }
  const limits = mapEntries(message.value.limits, `${field}.limits`, PRECISION_LIMITS, fromWireLimit);
  return { kind: 'limits', limits };
}

function fromWireLimit({ metric: asked, limit: most, table }: wire.PrecisionLimit, field: string): PrecisionLimit {
  const metric = metrics.fromWire(asked, `${field}.metric`);
  const limit = requirePositive(most, `${field}.limit`);
  if (!isHardwareMetric(metric)) return { metric, limit };
  return { metric, limit, table: fromWireCostTable(table, `${field}.table`) };
}

export function toWireLearnPrecisionResult(result: LearnPrecisionResult): wire.LearnedPrecision {
  const { policy, layers, uniformAccuracy, checkpointDigest } = result;
  return {
    evaluation: toWireEvaluationResult(result),
    policy: toWirePolicy(policy),
    layers: layers.map(({ weightLevels, weightScales, inputLevels, uniformError }) => ({
      weightLevels: [...weightLevels],
      weightScales: [...weightScales],
      inputLevels: [...inputLevels],
      uniformError,
    })),
    uniformAccuracy,
    checkpointDigest,
  };
}

export function fromWireLearnPrecisionResult(message: wire.LearnedPrecision, field: string): LearnPrecisionResult {
  const { policy, layers, uniformAccuracy, checkpointDigest } = message;
  return {
    ...fromWireEvaluationResult(message.evaluation, `${field}.evaluation`),
    policy: fromWirePolicy(requireMessage(policy, `${field}.policy`), `${field}.policy`),
    layers: mapEntries(layers, `${field}.layers`, { min: 1, max: LIMITS.layers }, fromWireLearnedLayer),
    uniformAccuracy: requireShare(uniformAccuracy, `${field}.uniform_accuracy`),
    checkpointDigest: requireDigest(checkpointDigest, `${field}.checkpoint_digest`),
  };
}

function fromWireLearnedLayer(message: wire.LearnedLayer, field: string): LearnedLayer {
  return {
    weightLevels: fromWireLevels(message.weightLevels, `${field}.weight_levels`),
    weightScales: mapEntries(message.weightScales, `${field}.weight_scales`, SCALES, (scale, at) =>
      requirePositive(scale, at),
    ),
    inputLevels: fromWireLevels(message.inputLevels, `${field}.input_levels`),
    uniformError: requireAmount(message.uniformError, `${field}.uniform_error`),
  };
}

/** Finite, ascending, as many as 8 bits can name. */
function fromWireLevels(levels: readonly number[], field: string): readonly number[] {
  requireLength(levels, field, { min: 0, max: 256 });
  const wrong = levels.findIndex((level, at) => !(Number.isFinite(level) && level >= (levels[at - 1] ?? level)));
  if (wrong >= 0) throw invalidField(`${field}[${wrong}]`, `is ${levels[wrong]}; levels are finite and ascend`);
  return [...levels];
}
