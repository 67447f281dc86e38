import {
  type ArtifactStore,
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
  type Network,
  type Preprocessing,
  type Quantizer,
  type SensitivityReport,
  type SensitivityRequest,
  type WorkOptions,
  type ZooEntry,
} from '@bitwright/core';
import type { DatasetPlaces } from '@bitwright/datasets';
import { WorkerPool } from '@bitwright/worker-pool';
import { DescribedDatasets } from './described-datasets.js';
import { type HeldFile, HeldFiles } from './held-files.js';
import type { Job, JobPlace, JobResult, ResultOf } from './jobs/job.js';
import { tensorflowEnvironment } from './jobs/worker-environment.js';
import { watchDeaths } from './watch-deaths.js';

/** A network of the zoo; `checkpoint` is its trained file, with its SHA-256 in hex, when there is one. */
export type ZooModel = {
  readonly network: Network;
  readonly checkpoint: { readonly onnx: Uint8Array; readonly digest: string } | undefined;
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
  /** Folders besides it whose data sets may be asked for by absolute path; `/` for any. @default none */
  readonly datasetRoots?: readonly string[] | undefined;
  /** Folder for files that need not outlive the process: models that children read, and what they write for a moment. */
  readonly temporaryFolder: string;
  /** Child processes that evaluate; one more says what models and data sets are. */
  readonly workers: number;
  /** Evaluations that may wait for a child. */
  readonly maximumWaiting: number;
  readonly onWorkerDied?: ((error: BitwrightError) => void) | undefined;
  /** Told `false` when jobs in a row ended by the death of their children, and `true` at the next result. */
  readonly onHealth?: ((works: boolean) => void) | undefined;
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
  /** One child more, for questions that take a moment: behind evaluations they would wait for hours. */
  readonly #describer: WorkerPool<Job, JobResult>;
  readonly #watch: ReturnType<typeof watchDeaths>;
  readonly #files: HeldFiles;
  readonly #places: DatasetPlaces;
  readonly #datasets: DescribedDatasets;

  constructor(options: LocalQuantizerOptions) {
    this.#options = options;
    const { workers, maximumWaiting, onWorkerDied, temporaryFolder, dataFolder } = options;
    const places = { root: dataFolder, roots: options.datasetRoots };
    this.#places = places;
    const environment = { ...tensorflowEnvironment(), TMPDIR: temporaryFolder };
    const open = (size: number) =>
      new WorkerPool<Job, JobResult>({ entry: JOB_WORKER, environment, size, maximumWaiting, onWorkerDied });
    this.#pool = open(workers);
    this.#describer = open(1);
    this.#watch = watchDeaths(options.onHealth ?? (() => {}));
    this.#files = new HeldFiles(temporaryFolder, KEPT_MODEL_BYTES);
    // No signal: one is read for all who ask, and no one's cancellation ends it.
    this.#datasets = new DescribedDatasets(
      dataFolder,
      async (dataset) => (await this.#describe({ kind: 'describe-dataset', dataset, places })).dataset,
    );
  }

  async parallelism(): Promise<number> {
    return this.#pool.size;
  }

  listModels(): Promise<readonly ZooEntry[]> {
    return this.#options.library.list();
  }

  listDatasets(): Promise<readonly DatasetDescription[]> {
    return this.#datasets.list();
  }

  async describeDataset({ name }: DatasetSource): Promise<DatasetDescription> {
    return this.#datasets.describe(name);
  }

  async describeModel(source: ModelSource, signal?: AbortSignal): Promise<ModelDescription> {
    if (source.kind === 'zoo') {
      const { network, checkpoint, preprocessing } = await this.#options.library.find(source);
      return { network, preprocessing, modelDigest: checkpoint?.digest };
    }
    using model = await this.#holdArtifact(source.digest, signal);
    const { network, preprocessing } = await this.#describe({ kind: 'describe-model', modelPath: model.path }, signal);
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
    this.#describer.close();
  }

  async #run<Kind extends Job['kind']>(
    job: Extract<Job, { kind: Kind }>,
    options: WorkOptions,
  ): Promise<ResultOf<Kind>> {
    return (await this.#watch(this.#pool.run(job, options))) as ResultOf<Kind>;
  }

  async #describe<Kind extends 'describe-model' | 'describe-dataset'>(
    job: Extract<Job, { kind: Kind }>,
    signal?: AbortSignal,
  ): Promise<ResultOf<Kind>> {
    return (await this.#watch(this.#describer.run(job, { signal }))) as ResultOf<Kind>;
  }

  async #place(
    { model, dataset }: Pick<EvaluationRequest, 'model' | 'dataset'>,
    signal?: AbortSignal,
  ): Promise<HeldPlace> {
    const file = await this.#holdModel(model, signal);
    const place = { modelPath: file.path, dataset: dataset.name, places: this.#places };
    return { place, [Symbol.dispose]: () => file[Symbol.dispose]() };
  }

  async #holdModel(source: ModelSource, signal?: AbortSignal): Promise<HeldFile> {
    if (source.kind === 'artifact') return this.#holdArtifact(source.digest, signal);
    const { network, checkpoint } = await this.#options.library.find(source);
    if (checkpoint !== undefined) return this.#files.hold(checkpoint.digest, async () => checkpoint.onnx);
    const message = `there is no trained checkpoint of ${network.name}; give an ONNX file instead`;
    throw new BitwrightError('failed_precondition', 'MODEL_UNTRAINED', message);
  }

  #holdArtifact(digest: string, signal?: AbortSignal): Promise<HeldFile> {
    return this.#files.hold(digest, () => this.#options.artifacts.get(digest, signal));
  }
}
