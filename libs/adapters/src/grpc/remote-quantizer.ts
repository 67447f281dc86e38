import {
  fromWireDataset,
  fromWireEvaluationResult,
  fromWireExportResult,
  fromWireFinetuneResult,
  fromWireIntegerRealization,
  fromWireLearnPrecisionResult,
  fromWireModelDescription,
  fromWireSensitivity,
  fromWireWorkProgress,
  fromWireZooEntry,
  QuantizerServiceDefinition,
  type quantizerProto,
  readAnswer,
  toWireEvaluation,
  toWireExportRequest,
  toWireIntegerRealizationRequest,
  toWireLearnPrecisionRequest,
  toWireModelSource,
  toWireSensitivityRequest,
} from '@bitwright/contracts';
import {
  BitwrightError,
  type DatasetDescription,
  type DatasetSource,
  type EvaluationRequest,
  type EvaluationResult,
  type ExportRequest,
  type ExportResult,
  type FinetuneRequest,
  type FinetuneResult,
  type IntegerRealization,
  type IntegerRealizationRequest,
  invalidField,
  type LearnPrecisionRequest,
  type LearnPrecisionResult,
  type ModelDescription,
  type ModelSource,
  type Quantizer,
  type SensitivityReport,
  type SensitivityRequest,
  type WorkOptions,
  type ZooEntry,
} from '@bitwright/core';
import { type Channel, createClient, type GrpcClient, withSignal } from '@bitwright/service-kit';

type Update<Result> = {
  readonly update:
    | { readonly $case: 'progress'; readonly value: quantizerProto.WorkProgress }
    | { readonly $case: 'result'; readonly value: Result }
    | undefined;
};

/** A quantizer served over gRPC. Work has no deadline of its own: it ends when it is done, or when its signal fires. */
export class RemoteQuantizer implements Quantizer {
  readonly #client: GrpcClient<typeof QuantizerServiceDefinition>;

  /** The channel stays the caller's: whoever made it closes it. */
  constructor(channel: Channel) {
    this.#client = createClient(QuantizerServiceDefinition, channel);
  }

  async parallelism(signal?: AbortSignal): Promise<number> {
    const { parallelism } = await this.#client.getCapabilities({}, withSignal(signal));
    return readAnswer(() => {
      if (parallelism >= 1) return parallelism;
      throw invalidField('parallelism', 'is 0');
    });
  }

  async listModels(signal?: AbortSignal): Promise<readonly ZooEntry[]> {
    const { models } = await this.#client.getCapabilities({}, withSignal(signal));
    return readAnswer(() => models.map((model, index) => fromWireZooEntry(model, `models[${index}]`)));
  }

  async listDatasets(signal?: AbortSignal): Promise<readonly DatasetDescription[]> {
    const { datasets } = await this.#client.getCapabilities({}, withSignal(signal));
    return readAnswer(() => datasets.map((dataset, index) => fromWireDataset(dataset, `datasets[${index}]`)));
  }

  async describeModel(model: ModelSource, signal?: AbortSignal): Promise<ModelDescription> {
    const answer = await this.#client.describeModel({ model: toWireModelSource(model) }, withSignal(signal));
    return readAnswer(() => fromWireModelDescription(answer, 'description'));
  }

  async describeDataset({ name }: DatasetSource, signal?: AbortSignal): Promise<DatasetDescription> {
    const { dataset } = await this.#client.describeDataset({ dataset: name }, withSignal(signal));
    return readAnswer(() => {
      if (dataset !== undefined) return fromWireDataset(dataset, 'dataset');
      throw invalidField('dataset', 'is absent');
    });
  }

  async evaluatePolicy(request: EvaluationRequest, options: WorkOptions = {}): Promise<EvaluationResult> {
    const updates = this.#client.evaluatePolicy({ evaluation: toWireEvaluation(request) }, withSignal(options.signal));
    const result = await followWork<quantizerProto.EvaluationResult>(updates, options);
    return readAnswer(() => fromWireEvaluationResult(result, 'result'));
  }

  async learnPrecision(request: LearnPrecisionRequest, options: WorkOptions = {}): Promise<LearnPrecisionResult> {
    const updates = this.#client.learnPrecision(toWireLearnPrecisionRequest(request), withSignal(options.signal));
    const result = await followWork<quantizerProto.LearnedPrecision>(updates, options);
    return readAnswer(() => fromWireLearnPrecisionResult(result, 'result'));
  }

  async realizeIntegers(request: IntegerRealizationRequest, options: WorkOptions = {}): Promise<IntegerRealization> {
    const updates = this.#client.realizeIntegers(toWireIntegerRealizationRequest(request), withSignal(options.signal));
    const result = await followWork<quantizerProto.IntegerRealization>(updates, options);
    return readAnswer(() => fromWireIntegerRealization(result, 'result'));
  }

  async measureSensitivity(request: SensitivityRequest, options: WorkOptions = {}): Promise<SensitivityReport> {
    const updates = this.#client.measureSensitivity(toWireSensitivityRequest(request), withSignal(options.signal));
    const result = await followWork<quantizerProto.SensitivityResult>(updates, options);
    return readAnswer(() => fromWireSensitivity(result, 'result'));
  }

  async finetunePolicy(request: FinetuneRequest, options: WorkOptions = {}): Promise<FinetuneResult> {
    const updates = this.#client.finetunePolicy({ evaluation: toWireEvaluation(request) }, withSignal(options.signal));
    const result = await followWork<quantizerProto.FinetuneResult>(updates, options);
    return readAnswer(() => fromWireFinetuneResult(result, 'result'));
  }

  async exportModel(request: ExportRequest, options: WorkOptions = {}): Promise<ExportResult> {
    const updates = this.#client.exportModel(toWireExportRequest(request), withSignal(options.signal));
    const result = await followWork<quantizerProto.ExportResult>(updates, options);
    return readAnswer(() => fromWireExportResult(result, 'result'));
  }
}

/** Hands progress on until the result comes. */
async function followWork<Result>(
  updates: AsyncIterable<Update<Result>>,
  { onProgress }: WorkOptions,
): Promise<Result> {
  for await (const { update } of updates) {
    if (update?.$case === 'result') return update.value;
    if (update?.$case === 'progress') onProgress?.(readAnswer(() => fromWireWorkProgress(update.value, 'progress')));
  }
  throw new BitwrightError('internal', 'BAD_ANSWER', 'the service ended the work without a result');
}
