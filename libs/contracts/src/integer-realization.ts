import type { IntegerRealization, IntegerRealizationRequest } from '@bitwright/core';
import { fromWireCostTable, toWireCostTable } from './cost-table.js';
import { createEnumCodec } from './enum-codec.js';
import {
  limitText,
  mapEntries,
  requireAmount,
  requireCount,
  requireDigest,
  requireInteger,
  requirePositive,
  requireShare,
  requireText,
} from './fields.js';
import * as wire from './gen/bitwright/quantizer/v1/quantizer.js';
import { fromWireIntegerSpeed } from './integer-speed.js';
import { LIMITS } from './limits.js';
import { fromWireModelSource, toWireModelSource } from './model.js';

const objectives = createEnumCodec<IntegerRealizationRequest['objective'], wire.IntegerObjective>({
  accuracy: wire.IntegerObjective.INTEGER_OBJECTIVE_ACCURACY,
  divergence: wire.IntegerObjective.INTEGER_OBJECTIVE_DIVERGENCE,
});

export function toWireIntegerRealizationRequest(request: IntegerRealizationRequest): wire.RealizeIntegersRequest {
  const { model, dataset, objective, replay, latency, ...rest } = request;
  return {
    ...rest,
    model: toWireModelSource(model),
    dataset: dataset.name,
    objective: objectives.toWire(objective),
    replay: replay ?? '',
    latency: latency && toWireCostTable(latency.table),
    latencyWeight: latency?.weight ?? 0,
  };
}

const SAMPLES = { min: 0, max: LIMITS.samples };

/** Throws `invalid_argument` naming the field when something is missing or out of range. */
export function fromWireIntegerRealizationRequest(
  message: wire.RealizeIntegersRequest,
  field: string,
): IntegerRealizationRequest {
  return {
    model: fromWireModelSource(message.model, `${field}.model`),
    dataset: { name: requireText(message.dataset, `${field}.dataset`, LIMITS.path) },
    specification: requireText(message.specification, `${field}.specification`, LIMITS.specification),
    search: requireText(message.search, `${field}.search`),
    objective: objectives.fromWire(message.objective, `${field}.objective`),
    thresholds: requireText(message.thresholds, `${field}.thresholds`),
    powerOfTwo: message.powerOfTwo,
    fitsAccumulators: message.fitsAccumulators,
    calibrationSamples: requireInteger(message.calibrationSamples, `${field}.calibration_samples`, {
      ...SAMPLES,
      min: 1,
    }),
    scoredSamples: requireInteger(message.scoredSamples, `${field}.scored_samples`, SAMPLES),
    maxTrials: requireInteger(message.maxTrials, `${field}.max_trials`, { min: 1, max: LIMITS.trials }),
    seed: requireInteger(message.seed, `${field}.seed`, { min: 0, max: LIMITS.uint32 }),
    floatLayers: requireInteger(message.floatLayers, `${field}.float_layers`, { min: 0, max: LIMITS.layers }),
    replay: message.replay === '' ? undefined : limitText(message.replay, `${field}.replay`, LIMITS.strategyLog),
    latency: message.latency && {
      table: fromWireCostTable(message.latency, `${field}.latency`),
      weight: requirePositive(message.latencyWeight, `${field}.latency_weight`),
    },
  };
}

export function toWireIntegerRealization(result: IntegerRealization): wire.IntegerRealization {
  return { ...result, bits: result.bits.map((entry) => ({ ...entry })), speed: result.speed };
}

export function fromWireIntegerRealization(message: wire.IntegerRealization, field: string): IntegerRealization {
  return {
    onnxDigest: requireDigest(message.onnxDigest, `${field}.onnx_digest`),
    bytes: requireCount(message.bytes, `${field}.bytes`),
    opset: requireInteger(message.opset, `${field}.opset`, { min: 1, max: 1000 }),
    logDigest: requireDigest(message.logDigest, `${field}.log_digest`),
    floatAccuracy: requireShare(message.floatAccuracy, `${field}.float_accuracy`),
    simulatedAccuracy: requireShare(message.simulatedAccuracy, `${field}.simulated_accuracy`),
    testAccuracy: requireShare(message.testAccuracy, `${field}.test_accuracy`),
    checkedSamples: requireInteger(message.checkedSamples, `${field}.checked_samples`, SAMPLES),
    parity: requireShare(message.parity, `${field}.parity`),
    trials: requireCount(message.trials, `${field}.trials`),
    bits: mapEntries(message.bits, `${field}.bits`, { min: 0, max: LIMITS.nodes * LIMITS.nodeInputs }, (entry, at) => ({
      variable: requireText(entry.variable, `${at}.variable`, 4 * LIMITS.name),
      bits: requireInteger(entry.bits, `${at}.bits`, { min: 1, max: 32 }),
    })),
    seconds: requireAmount(message.seconds, `${field}.seconds`),
    ...(message.speed && { speed: fromWireIntegerSpeed(message.speed, `${field}.speed`) }),
  };
}
