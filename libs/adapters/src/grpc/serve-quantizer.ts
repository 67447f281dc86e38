import {
  fromWireEvaluation,
  fromWireExportRequest,
  fromWireIntegerRealizationRequest,
  fromWireLearnPrecisionRequest,
  fromWireModelSource,
  fromWireSensitivityRequest,
  LIMITS,
  type QuantizerServiceImplementation,
  requireText,
  toWireDataset,
  toWireEvaluationResult,
  toWireExportResult,
  toWireFinetuneResult,
  toWireIntegerRealization,
  toWireLearnPrecisionResult,
  toWireModelDescription,
  toWireSensitivity,
  toWireWorkProgress,
  toWireZooEntry,
} from '@bitwright/contracts';
import type { Quantizer, WorkOptions } from '@bitwright/core';
import { followProgress } from './follow-progress.js';

export type QuantizerHandlerOptions = {
  /** Longest silence while work runs, ms. @default 5000 */
  readonly heartbeatMs?: number | undefined;
};

/** Serves a quantizer as `bitwright.quantizer.v1`. Calls that end early (cancelled, out of time) fire the work's signal. */
export function quantizerHandlers(
  quantizer: Quantizer,
  { heartbeatMs = 5_000 }: QuantizerHandlerOptions = {},
): QuantizerServiceImplementation {
  const stream = <Result, Wire>(
    run: (options: WorkOptions) => Promise<Result>,
    toWire: (result: Result) => Wire,
    signal: AbortSignal,
  ) => toUpdates(run, toWire, signal, heartbeatMs);
  return {
    getCapabilities: async (_request, { signal }) => describeQuantizer(quantizer, signal),
    describeModel: async ({ model }, { signal }) =>
      toWireModelDescription(await quantizer.describeModel(fromWireModelSource(model, 'request.model'), signal)),
    describeDataset: async ({ dataset }, { signal }) => {
      const name = requireText(dataset, 'request.dataset', LIMITS.path);
      return { dataset: toWireDataset(await quantizer.describeDataset({ name }, signal)) };
    },
    evaluatePolicy: async function* ({ evaluation }, { signal }) {
      const request = fromWireEvaluation(evaluation, 'request.evaluation');
      yield* stream((options) => quantizer.evaluatePolicy(request, options), toWireEvaluationResult, signal);
    },
    learnPrecision: async function* (message, { signal }) {
      const request = fromWireLearnPrecisionRequest(message, 'request');
      yield* stream((options) => quantizer.learnPrecision(request, options), toWireLearnPrecisionResult, signal);
    },
    realizeIntegers: async function* (message, { signal }) {
      const request = fromWireIntegerRealizationRequest(message, 'request');
      yield* stream((options) => quantizer.realizeIntegers(request, options), toWireIntegerRealization, signal);
    },
    measureSensitivity: async function* (message, { signal }) {
      const request = fromWireSensitivityRequest(message, 'request');
      yield* stream((options) => quantizer.measureSensitivity(request, options), toWireSensitivity, signal);
    },
    finetunePolicy: async function* ({ evaluation }, { signal }) {
      const request = fromWireEvaluation(evaluation, 'request.evaluation');
      yield* stream((options) => quantizer.finetunePolicy(request, options), toWireFinetuneResult, signal);
    },
    exportModel: async function* (message, { signal }) {
      const request = fromWireExportRequest(message, 'request');
      yield* stream((options) => quantizer.exportModel(request, options), toWireExportResult, signal);
    },
  };
}

async function describeQuantizer(quantizer: Quantizer, signal: AbortSignal) {
  const [parallelism, models, datasets] = await Promise.all([
    quantizer.parallelism(signal),
    quantizer.listModels(signal),
    quantizer.listDatasets(signal),
  ]);
  return { parallelism, models: models.map(toWireZooEntry), datasets: datasets.map(toWireDataset) };
}

async function* toUpdates<Result, Wire>(
  run: (options: WorkOptions) => Promise<Result>,
  toWire: (result: Result) => Wire,
  signal: AbortSignal,
  heartbeatMs: number,
) {
  for await (const update of followProgress(run, signal, heartbeatMs)) {
    switch (update.kind) {
      case 'progress':
        yield { update: { $case: 'progress' as const, value: toWireWorkProgress(update.progress) } };
        break;
      case 'result':
        yield { update: { $case: 'result' as const, value: toWire(update.result) } };
    }
  }
}
