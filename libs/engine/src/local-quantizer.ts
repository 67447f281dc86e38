import { mkdtempSync, rmSync } from 'node:fs';
import { access, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
  /** Child processes. */
  readonly workers: number;
  /** Evaluations that may wait for a child. */
  readonly maximumWaiting: number;
  readonly onWorkerDied?: ((error: BitwrightError) => void) | undefined;
};

const JOB_WORKER = new URL(`./jobs/job-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** The quantizer on this machine: TensorFlow runs in child processes, this process only passes files and messages. */
export class LocalQuantizer implements Quantizer {
  readonly #options: LocalQuantizerOptions;
  readonly #pool: WorkerPool<Job, JobResult>;
  readonly #spool = mkdtempSync(join(tmpdir(), 'bitwright-models-'));
  readonly #datasets = new Map<string, Promise<DatasetDescription>>();

  constructor(options: LocalQuantizerOptions) {
    this.#options = options;
    const { workers, maximumWaiting, onWorkerDied } = options;
    const start = { entry: JOB_WORKER, environment: tensorflowEnvironment() };
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
    const modelPath = await this.#spoolArtifact(source.digest, signal);
    const { network, preprocessing } = await this.#run({ kind: 'describe-model', modelPath }, { signal });
    return { network, preprocessing, modelDigest: source.digest };
  }

  async evaluatePolicy(request: EvaluationRequest, options: WorkOptions = {}): Promise<EvaluationResult> {
    const { policy, fidelity, split, seed } = request;
    const place = await this.#place(request, options.signal);
    return (await this.#run({ kind: 'evaluate', ...place, policy, fidelity, split, seed }, options)).result;
  }

  async learnPrecision(request: LearnPrecisionRequest, options: WorkOptions = {}): Promise<LearnPrecisionResult> {
    const { model, dataset, ...learning } = request;
    const place = await this.#place({ model, dataset }, options.signal);
    const { result, checkpoint } = await this.#run({ kind: 'learn-precision', ...place, learning }, options);
    return { ...result, checkpointDigest: await this.#options.artifacts.put(checkpoint, options.signal) };
  }

  async realizeIntegers(request: IntegerRealizationRequest, options: WorkOptions = {}): Promise<IntegerRealization> {
    const { model, dataset, ...work } = request;
    const place = await this.#place({ model, dataset }, options.signal);
    const { onnx, log, result } = await this.#run({ kind: 'realize-integers', ...place, ...work }, options);
    const onnxDigest = await this.#options.artifacts.put(onnx, options.signal);
    const logDigest = await this.#options.artifacts.put(new TextEncoder().encode(log), options.signal);
    return { ...result, onnxDigest, logDigest, bytes: onnx.length };
  }

  async measureSensitivity(request: SensitivityRequest, options: WorkOptions = {}): Promise<SensitivityReport> {
    const { model, dataset, ...measurement } = request;
    const place = await this.#place({ model, dataset }, options.signal);
    return (await this.#run({ kind: 'sensitivity', ...place, ...measurement }, options)).report;
  }

  async finetunePolicy(request: FinetuneRequest, options: WorkOptions = {}): Promise<FinetuneResult> {
    const { policy, fidelity, split, seed } = request;
    if (policy === undefined)
      throw invalidField('evaluation.policy', 'is absent; give the policy to fine-tune through');
    const place = await this.#place(request, options.signal);
    const tuned = await this.#run({ kind: 'finetune', ...place, policy, fidelity, split, seed }, options);
    const checkpointDigest = await this.#options.artifacts.put(tuned.checkpoint, options.signal);
    return { ...tuned.result, validation: tuned.validation, checkpointDigest };
  }

  async exportModel(request: ExportRequest, options: WorkOptions = {}): Promise<ExportResult> {
    const place = await this.#place(request, options.signal);
    const checkpointPath = await this.#spoolArtifact(request.checkpointDigest, options.signal);
    const { onnx, result, integers } = await this.#run({ kind: 'export', ...place, checkpointPath }, options);
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
    rmSync(this.#spool, { recursive: true, force: true });
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
  ): Promise<JobPlace> {
    const modelPath = await this.#modelPath(model, signal);
    return { modelPath, dataset: dataset.name, dataFolder: this.#options.dataFolder };
  }

  async #modelPath(source: ModelSource, signal?: AbortSignal): Promise<string> {
    if (source.kind === 'artifact') return this.#spoolArtifact(source.digest, signal);
    const { network, onnx } = await this.#options.library.find(source);
    if (onnx !== undefined) return this.#spoolFile(sha256Hex(onnx), async () => onnx);
    const message = `there is no trained checkpoint of ${network.name}; give an ONNX file instead`;
    throw new BitwrightError('failed_precondition', 'MODEL_UNTRAINED', message);
  }

  #spoolArtifact(digest: string, signal?: AbortSignal): Promise<string> {
    return this.#spoolFile(digest, () => this.#options.artifacts.get(digest, signal));
  }

  /** Children read models from files named after their content, so a name never changes its meaning. */
  async #spoolFile(digest: string, read: () => Promise<Uint8Array>): Promise<string> {
    const path = join(this.#spool, `${digest}.onnx`);
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) return path;
    const part = `${path}.${Math.random().toString(36).slice(2)}.part`;
    await writeFile(part, await read());
    await rename(part, path);
    return path;
  }
}
