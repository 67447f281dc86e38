import {
  type ArtifactStore,
  BitwrightError,
  type DatasetDescription,
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
  type Network,
  type Preprocessing,
  type Quantizer,
  type SensitivityReport,
  type SensitivityRequest,
  sha256Hex,
  type WorkOptions,
  type ZooEntry,
} from '@bitwright/core';
import { listDatasetNames } from '@bitwright/datasets';
import { WorkerPool } from '@bitwright/worker-pool';
import { type HeldFile, HeldFiles } from './held-files.js';
import type { Job, JobPlace, JobResult, ResultOf } from './jobs/job.js';
import { tensorflowEnvironment } from './jobs/worker-environment.js';

/** A network of the zoo; `onnx` is its trained file when there is one. */
export type ZooModel = {
  readonly network: Network;
  readonly onnx: Uint8Array | undefined;
  readonly preprocessing: Preprocessing | undefined;
};

/** Where networks known by name come from. */
export type ModelLibrary = {
  list(): Promise<readonly ZooEntry[]>;
  /** Throws `not_found` for an unknown network and `invalid_argument` for a shape it cannot have. */
  find(source: Extract<ModelSource, { readonly kind: 'zoo' }>): Promise<ZooModel>;
};

export type LocalQuantizerOptions = {
  readonly artifacts: ArtifactStore;
  readonly library: ModelLibrary;
  /** Folder whose sub-folders are data sets by name. */
  readonly dataFolder: string;
  /** Folder for files that need not outlive the process: models that children read, and what they write for a moment. */
  readonly temporaryFolder: string;
  /** Child processes. */
  readonly workers: number;
  /** Evaluations that may wait for a child. */
  readonly maximumWaiting: number;
  readonly onWorkerDied?: ((error: BitwrightError) => void) | undefined;
};

const JOB_WORKER = new URL(`./jobs/job-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** How much of the models and checkpoints that were asked for stays on disk for the next question. */
const KEPT_MODEL_BYTES = 1 << 30;

/** Where a job finds its model, which stays there until it is let go. */
type HeldPlace = Disposable & { readonly place: JobPlace };

/** The quantizer on this machine: TensorFlow runs in child processes, this process only passes files and messages. */
export class LocalQuantizer implements Quantizer {
  readonly #options: LocalQuantizerOptions;
  readonly #pool: WorkerPool<Job, JobResult>;
  readonly #files: HeldFiles;
  readonly #datasets = new Map<string, Promise<DatasetDescription>>();

  constructor(options: LocalQuantizerOptions) {
    this.#options = options;
    const { workers, maximumWaiting, onWorkerDied, temporaryFolder } = options;
    const start = { entry: JOB_WORKER, environment: { ...tensorflowEnvironment(), TMPDIR: temporaryFolder } };
    this.#files = new HeldFiles(temporaryFolder, KEPT_MODEL_BYTES);
    this.#pool = new WorkerPool({ ...start, size: workers, maximumWaiting, onWorkerDied });
  }

  async parallelism(): Promise<number> {
    return this.#pool.size;
  }

  /** Process ids of the children, for tests and for the log. */
  workerPids(): readonly number[] {
    return this.#pool.pids();
  }

  listModels(): Promise<readonly ZooEntry[]> {
    return this.#options.library.list();
  }

  async listDatasets(): Promise<readonly DatasetDescription[]> {
    const names = await listDatasetNames(this.#options.dataFolder);
    const described = await Promise.allSettled(names.map((name) => this.describeDataset({ name })));
    return described.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  }

  /** Read once for all who ask, so that no one's cancellation ends it, and kept as long as this process lives. */
  async describeDataset({ name }: { readonly name: string }): Promise<DatasetDescription> {
    const { dataFolder } = this.#options;
    const known = this.#datasets.get(name);
    if (known !== undefined) return known;
    const description = this.#run({ kind: 'describe-dataset', dataset: name, dataFolder }, {}).then(
      ({ dataset }) => dataset,
    );
    this.#datasets.set(name, description);
    description.catch(() => this.#datasets.delete(name));
    return description;
  }

  async describeModel(source: ModelSource, signal?: AbortSignal): Promise<ModelDescription> {
    if (source.kind === 'zoo') {
      const { network, onnx, preprocessing } = await this.#options.library.find(source);
      return { network, preprocessing, modelDigest: onnx && sha256Hex(onnx) };
    }
    using model = await this.#holdArtifact(source.digest, signal);
    const { network, preprocessing } = await this.#run({ kind: 'describe-model', modelPath: model.path }, { signal });
    return { network, preprocessing, modelDigest: source.digest };
  }

  async evaluatePolicy(request: EvaluationRequest, options: WorkOptions = {}): Promise<EvaluationResult> {
    const { policy, fidelity, split, seed } = request;
    using held = await this.#place(request, options.signal);
    return (await this.#run({ kind: 'evaluate', ...held.place, policy, fidelity, split, seed }, options)).result;
  }

  async learnPrecision(request: LearnPrecisionRequest, options: WorkOptions = {}): Promise<LearnPrecisionResult> {
    const { model, dataset, ...learning } = request;
    using held = await this.#place({ model, dataset }, options.signal);
    const { result, checkpoint } = await this.#run({ kind: 'learn-precision', ...held.place, learning }, options);
    return { ...result, checkpointDigest: await this.#options.artifacts.put(checkpoint, options.signal) };
  }

  async realizeIntegers(request: IntegerRealizationRequest, options: WorkOptions = {}): Promise<IntegerRealization> {
    const { model, dataset, ...work } = request;
    using held = await this.#place({ model, dataset }, options.signal);
    const { onnx, log, result } = await this.#run({ kind: 'realize-integers', ...held.place, ...work }, options);
    const onnxDigest = await this.#options.artifacts.put(onnx, options.signal);
    const logDigest = await this.#options.artifacts.put(new TextEncoder().encode(log), options.signal);
    return { ...result, onnxDigest, logDigest, bytes: onnx.length };
  }

  async measureSensitivity(request: SensitivityRequest, options: WorkOptions = {}): Promise<SensitivityReport> {
    const { model, dataset, ...measurement } = request;
    using held = await this.#place({ model, dataset }, options.signal);
    return (await this.#run({ kind: 'sensitivity', ...held.place, ...measurement }, options)).report;
  }

  async finetunePolicy(request: FinetuneRequest, options: WorkOptions = {}): Promise<FinetuneResult> {
    const { policy, fidelity, split, seed } = request;
    if (policy === undefined)
      throw invalidField('evaluation.policy', 'is absent; give the policy to fine-tune through');
    using held = await this.#place(request, options.signal);
    const tuned = await this.#run({ kind: 'finetune', ...held.place, policy, fidelity, split, seed }, options);
    const checkpointDigest = await this.#options.artifacts.put(tuned.checkpoint, options.signal);
    return { ...tuned.result, validation: tuned.validation, checkpointDigest };
  }

  async exportModel(request: ExportRequest, options: WorkOptions = {}): Promise<ExportResult> {
    using held = await this.#place(request, options.signal);
    using checkpoint = await this.#holdArtifact(request.checkpointDigest, options.signal);
    const job = { kind: 'export', ...held.place, checkpointPath: checkpoint.path } as const;
    const { onnx, result, integers } = await this.#run(job, options);
    const keep = async (file: Uint8Array) => ({
      onnxDigest: await this.#options.artifacts.put(file, options.signal),
      bytes: file.length,
    });
    return {
      ...result,
      ...(await keep(onnx)),
      ...(integers && { integers: { ...integers.result, ...(await keep(integers.onnx)) } }),
    };
  }

  /** Ends the children at once. */
  close(): void {
    this.#pool.close();
  }

  async #run<Kind extends Job['kind']>(
    job: Extract<Job, { kind: Kind }>,
    options: WorkOptions,
  ): Promise<ResultOf<Kind>> {
    return (await this.#pool.run(job, options)) as ResultOf<Kind>;
  }

  async #place(
    { model, dataset }: Pick<EvaluationRequest, 'model' | 'dataset'>,
    signal?: AbortSignal,
  ): Promise<HeldPlace> {
    const file = await this.#holdModel(model, signal);
    const place = { modelPath: file.path, dataset: dataset.name, dataFolder: this.#options.dataFolder };
    return { place, [Symbol.dispose]: () => file[Symbol.dispose]() };
  }

  async #holdModel(source: ModelSource, signal?: AbortSignal): Promise<HeldFile> {
    if (source.kind === 'artifact') return this.#holdArtifact(source.digest, signal);
    const { network, onnx } = await this.#options.library.find(source);
    if (onnx !== undefined) return this.#files.hold(sha256Hex(onnx), async () => onnx);
    const message = `there is no trained checkpoint of ${network.name}; give an ONNX file instead`;
    throw new BitwrightError('failed_precondition', 'MODEL_UNTRAINED', message);
  }

  #holdArtifact(digest: string, signal?: AbortSignal): Promise<HeldFile> {
    return this.#files.hold(digest, () => this.#options.artifacts.get(digest, signal));
  }
}
