import type {
  EvaluationRequest,
  EvaluationResult,
  ExportedFile,
  ExportedIntegers,
  ExportRequest,
  ExportResult,
  Fidelity,
  FinetuneResult,
  PointFigures,
  Split,
  WorkProgress,
} from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import {
  limitText,
  mapEntries,
  requireAmount,
  requireCount,
  requireDigest,
  requireInteger,
  requireMessage,
  requireNumber,
  requireShare,
  requireText,
} from './fields.js';
import * as wire from './gen/bitwright/quantizer/v1/quantizer.js';
import { fromWireIntegerSpeed } from './integer-speed.js';
import { LIMITS } from './limits.js';
import { fromWireModelSource, toWireModelSource } from './model.js';
import { fromWireLayerPoints, fromWirePolicy, toWirePolicy } from './policy.js';

export const splits = createEnumCodec<Split, wire.Split>({
  training: wire.Split.SPLIT_TRAINING,
  validation: wire.Split.SPLIT_VALIDATION,
  test: wire.Split.SPLIT_TEST,
});

const SAMPLES = { min: 0, max: LIMITS.samples };

export function toWireFidelity(fidelity: Fidelity): wire.Fidelity {
  return { ...fidelity, distillation: fidelity.distillation ?? 0 };
}

/** Throws `invalid_argument` naming the field when a number is out of range. */
export function fromWireFidelity(message: wire.Fidelity | undefined, field: string): Fidelity {
  const fidelity = requireMessage(message, field);
  return {
    calibrationSamples: requireInteger(fidelity.calibrationSamples, `${field}.calibration_samples`, SAMPLES),
    finetuneSamples: requireInteger(fidelity.finetuneSamples, `${field}.finetune_samples`, SAMPLES),
    finetuneEpochs: requireNumber(fidelity.finetuneEpochs, `${field}.finetune_epochs`, { min: 0, max: LIMITS.epochs }),
    validationSamples: requireInteger(fidelity.validationSamples, `${field}.validation_samples`, SAMPLES),
    learningRate: requireNumber(fidelity.learningRate, `${field}.learning_rate`, { min: 0, max: 1000 }),
    batchSize: requireInteger(fidelity.batchSize, `${field}.batch_size`, { min: 1, max: LIMITS.trainingBatch }),
    ...(fidelity.distillation !== 0 && {
      distillation: requireShare(fidelity.distillation, `${field}.distillation`),
    }),
  };
}

export function toWireEvaluation(request: EvaluationRequest): wire.Evaluation {
  return {
    model: toWireModelSource(request.model),
    dataset: request.dataset.name,
    policy: request.policy === undefined ? undefined : toWirePolicy(request.policy),
    fidelity: toWireFidelity(request.fidelity),
    split: splits.toWire(request.split),
    seed: request.seed,
  };
}

export function fromWireEvaluation(message: wire.Evaluation | undefined, field: string): EvaluationRequest {
  const { model, dataset, policy, fidelity, split, seed } = requireMessage(message, field);
  return {
    model: fromWireModelSource(model, `${field}.model`),
    dataset: { name: requireText(dataset, `${field}.dataset`, LIMITS.path) },
    policy: policy === undefined ? undefined : fromWirePolicy(policy, `${field}.policy`),
    fidelity: fromWireFidelity(fidelity, `${field}.fidelity`),
    split: splits.fromWire(split, `${field}.split`),
    seed: requireInteger(seed, `${field}.seed`, { min: 0, max: LIMITS.uint32 }),
  };
}

export function toWireEvaluationResult(result: EvaluationResult): wire.EvaluationResult {
  const { accuracy, loss, calibratedLoss, samples, seconds, layerPoints = [] } = result;
  const figures = { accuracy, loss, calibratedLoss, samples, seconds };
  return { ...figures, split: splits.toWire(result.split), layerPoints: [...layerPoints] };
}

export function fromWireEvaluationResult(message: wire.EvaluationResult | undefined, field: string): EvaluationResult {
  const result = requireMessage(message, field);
  return {
    accuracy: requireShare(result.accuracy, `${field}.accuracy`),
    // NaN or infinity is what a network that diverged honestly reports.
    loss: result.loss,
    calibratedLoss: result.calibratedLoss ?? Number.NaN,
    split: splits.fromWire(result.split, `${field}.split`),
    samples: requireInteger(result.samples, `${field}.samples`, SAMPLES),
    seconds: requireAmount(result.seconds, `${field}.seconds`),
    ...(result.layerPoints.length > 0 && {
      layerPoints: fromWireLayerPoints(result.layerPoints, `${field}.layer_points`),
    }),
  };
}

export function toWireFinetuneResult(result: FinetuneResult): wire.FinetuneResult {
  const { validation, checkpointDigest } = result;
  return {
    evaluation: toWireEvaluationResult(result),
    validation: toWireEvaluationResult(validation),
    checkpointDigest,
  };
}

export function fromWireFinetuneResult(message: wire.FinetuneResult, field: string): FinetuneResult {
  return {
    ...fromWireEvaluationResult(message.evaluation, `${field}.evaluation`),
    validation: fromWireEvaluationResult(message.validation, `${field}.validation`),
    checkpointDigest: requireDigest(message.checkpointDigest, `${field}.checkpoint_digest`),
  };
}

export function toWireExportRequest(request: ExportRequest): wire.ExportModelRequest {
  return {
    model: toWireModelSource(request.model),
    dataset: request.dataset.name,
    policy: toWirePolicy(request.policy),
    checkpointDigest: request.checkpointDigest,
  };
}

export function fromWireExportRequest(message: wire.ExportModelRequest, field: string): ExportRequest {
  return {
    model: fromWireModelSource(message.model, `${field}.model`),
    dataset: { name: requireText(message.dataset, `${field}.dataset`, LIMITS.path) },
    policy: fromWirePolicy(message.policy, `${field}.policy`),
    checkpointDigest: requireDigest(message.checkpointDigest, `${field}.checkpoint_digest`),
  };
}

export function toWireExportResult(result: ExportResult): wire.ExportResult {
  const { points, integers } = result;
  return { ...result, points, integers: integers && { ...integers, speed: integers.speed } };
}

export function fromWireExportResult(message: wire.ExportResult, field: string): ExportResult {
  const { points, integers } = message;
  return {
    ...fromWireExportedFile(message, field),
    simulatedAccuracy: requireShare(message.simulatedAccuracy, `${field}.simulated_accuracy`),
    ...(points !== undefined && { points: fromWirePointFigures(points, `${field}.points`) }),
    ...(integers !== undefined && { integers: fromWireIntegers(integers, `${field}.integers`) }),
  };
}

function fromWireIntegers(message: wire.ExportedFile, field: string): ExportedIntegers {
  const { speed } = message;
  return {
    ...fromWireExportedFile(message, field),
    ...(speed !== undefined && { speed: fromWireIntegerSpeed(speed, `${field}.speed`) }),
  };
}

function fromWireExportedFile(message: Omit<wire.ExportedFile, 'speed'>, field: string): ExportedFile {
  return {
    onnxDigest: requireDigest(message.onnxDigest, `${field}.onnx_digest`),
    bytes: requireCount(message.bytes, `${field}.bytes`),
    opset: requireInteger(message.opset, `${field}.opset`, { min: 1, max: 1000 }),
    testAccuracy: requireShare(message.testAccuracy, `${field}.test_accuracy`),
    parity: requireShare(message.parity, `${field}.parity`),
  };
}

function fromWirePointFigures(message: wire.PointFigures, field: string): PointFigures {
  return {
    points: requireCount(message.points, `${field}.points`),
    sizeBytes: requireAmount(message.sizeBytes, `${field}.size_bytes`),
    operationsRatio: requireAmount(message.operationsRatio, `${field}.operations_ratio`),
  };
}

export function toWireWorkProgress({ phase, done, total, logLines = [] }: WorkProgress): wire.WorkProgress {
  return { phase, done, total, logLines: [...logLines] };
}

const LOG_LINES = { min: 0, max: LIMITS.trials };

export function fromWireWorkProgress(message: wire.WorkProgress, field: string): WorkProgress {
  return {
    phase: limitText(message.phase, `${field}.phase`, LIMITS.name),
    done: requireCount(message.done, `${field}.done`),
    total: requireCount(message.total, `${field}.total`),
    ...(message.logLines.length > 0 && {
      logLines: mapEntries(message.logLines, `${field}.log_lines`, LOG_LINES, (line, at) =>
        limitText(line, at, LIMITS.strategyLog),
      ),
    }),
  };
}
