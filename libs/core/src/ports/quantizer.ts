import type { Network } from '../network/network.js';
import type { PointFigures } from '../policy/points.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { IntegerRealization, IntegerRealizationRequest, IntegerSpeed } from './integer-realization.js';
import type { LearnPrecisionRequest, LearnPrecisionResult } from './precision-learning.js';
import type { SensitivityReport, SensitivityRequest } from './sensitivity.js';

/** Where a network comes from. */
export type ModelSource =
  | {
      /** A network of the zoo; trained when there is a checkpoint of this shape for the data set. */
      readonly kind: 'zoo';
      readonly network: string;
      readonly width: number;
      readonly imageSize: number;
      readonly classes: number;
      /** Input size over the last feature map's size (32: the reference's strides; 16 or 8 for small images). Default 32 above 64 pixels, else 16. */
      readonly outputStride?: number | undefined;
    }
  /** An ONNX file, by the digest (SHA-256, hex) under which the artifact store holds it. */
  | { readonly kind: 'artifact'; readonly digest: string };

/** A data set by its name (`fashion-mnist`), or the path of a folder on the quantizer's machine. */
export type DatasetSource = { readonly name: string };

/** How an image becomes an input: padded on each side with zeros (raw pixel 0), scaled to 0..1, then (x - mean) / std per channel. */
export type Preprocessing = {
  readonly imageSize: number;
  readonly padding: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
};

/** Which samples a number was measured on. The three never overlap. */
export type Split = 'training' | 'validation' | 'test';

/** How much an evaluation costs and how far its number can be trusted. */
export type Fidelity = {
  readonly calibrationSamples: number;
  readonly finetuneSamples: number;
  readonly finetuneEpochs: number;
  /** Samples of the measured split; 0 means all of it. */
  readonly validationSamples: number;
  readonly learningRate: number;
  readonly batchSize: number;
  /**
   * Knowledge distillation (Hinton et al. 2015, arXiv 1503.02531) at temperature 1: what the float network's outputs count
   * for in the targets of fine-tuning, 0..1; the labels count for the rest. Absent: labels alone.
   */
  readonly distillation?: number;
};

export type ModelDescription = {
  readonly network: Network;
  /** Digest of the ONNX file with its parameters; absent for a zoo network without a checkpoint. */
  readonly modelDigest: string | undefined;
  readonly preprocessing: Preprocessing | undefined;
};

export type DatasetDescription = {
  readonly name: string;
  readonly classes: number;
  readonly imageShape: { readonly height: number; readonly width: number; readonly channels: number };
  readonly samples: Readonly<Record<Split, number>>;
  /** Mean and standard deviation of each channel, of pixels scaled to 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** SHA-256 over the data files. */
  readonly digest: string;
};

/** A network of the zoo with what was trained of it. */
export type ZooEntry = {
  readonly network: string;
  readonly width: number;
  readonly imageSize: number;
  readonly classes: number;
  readonly outputStride: number;
  readonly dataset: string;
  readonly testAccuracy: number;
  readonly parameters: number;
};

/** The work: this network on these samples. */
export type QuantizerTask = { readonly model: ModelSource; readonly dataset: DatasetSource };

export type EvaluationRequest = QuantizerTask & {
  /** Undefined measures the float network. */
  readonly policy: PrecisionPolicy | undefined;
  readonly fidelity: Fidelity;
  readonly split: Split;
  readonly seed: number;
};

/** Accuracy is top-1, 0..1, on `samples` samples of `split`. */
export type EvaluationResult = {
  readonly accuracy: number;
  /** Mean cross entropy, nats; NaN or infinite where the network diverged, as the next. */
  readonly loss: number;
  /**
   * Mean cross entropy at the temperature that makes it least, nats (Guo et al. 2017, arXiv 1706.04599, section 4.2): how
   * good the outputs are apart from how confident they are.
   */
  readonly calibratedLoss: number;
  readonly split: Split;
  readonly samples: number;
  readonly seconds: number;
  /** Of a `multipoint` policy: the points of each layer, of all its output channels together. */
  readonly layerPoints?: readonly number[] | undefined;
};

export type FinetuneRequest = EvaluationRequest;

/**
 * Result of a fine-tuning whose parameters were kept, as an ONNX artifact of the simulated network. Measured on the
 * request's split, and on the validation split as well, so that choosing among results need not look at the test split.
 */
export type FinetuneResult = EvaluationResult & {
  readonly validation: EvaluationResult;
  readonly checkpointDigest: string;
};

export type ExportRequest = QuantizerTask & { readonly policy: PrecisionPolicy; readonly checkpointDigest: string };

/** `parity`: share of the test samples on which ONNX Runtime and the simulation name the same class. */
export type ExportedFile = {
  readonly onnxDigest: string;
  readonly bytes: number;
  readonly opset: number;
  readonly testAccuracy: number;
  readonly parity: number;
};

/** The file for integer kernels; its speed is absent in results of earlier versions. */
export type ExportedIntegers = ExportedFile & { readonly speed?: IntegerSpeed | undefined };

export type ExportResult = ExportedFile & {
  readonly simulatedAccuracy: number;
  /** The same network for integer kernels; absent where some layer has codebooks or one signed bit. */
  readonly integers?: ExportedIntegers | undefined;
  /** Of a `multipoint` policy. */
  readonly points?: PointFigures | undefined;
};

export type WorkProgress = {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  /**
   * What was logged since the progress before, so that it outlives work that does not come to its end. Work that begins
   * anew on another worker gives its lines again.
   */
  readonly logLines?: readonly string[] | undefined;
};

export type WorkOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: WorkProgress) => void) | undefined;
};

/**
 * Quantizes, fine-tunes and measures. Idempotent: the same request gives the same result (same seed, same policy).
 * Throws `invalid_argument` for a model or data that cannot be used, naming the cause; `not_found` for an unknown
 * one; `unavailable` when a worker died (retried inside first); `resource_exhausted` when its queue is full.
 */
export interface Quantizer {
  /** How many evaluations it runs at once. */
  parallelism(signal?: AbortSignal): Promise<number>;
  listModels(signal?: AbortSignal): Promise<readonly ZooEntry[]>;
  listDatasets(signal?: AbortSignal): Promise<readonly DatasetDescription[]>;
  describeModel(model: ModelSource, signal?: AbortSignal): Promise<ModelDescription>;
  describeDataset(dataset: DatasetSource, signal?: AbortSignal): Promise<DatasetDescription>;
  evaluatePolicy(request: EvaluationRequest, options?: WorkOptions): Promise<EvaluationResult>;
  measureSensitivity(request: SensitivityRequest, options?: WorkOptions): Promise<SensitivityReport>;
  finetunePolicy(request: FinetuneRequest, options?: WorkOptions): Promise<FinetuneResult>;
  exportModel(request: ExportRequest, options?: WorkOptions): Promise<ExportResult>;
  /** Trains levels and bits by gradient within a budget. Throws `failed_precondition` for one that the fewest bits exceed. */
  learnPrecision(request: LearnPrecisionRequest, options?: WorkOptions): Promise<LearnPrecisionResult>;
  /** Realizes a trained network in integers, without fine-tuning. */
  realizeIntegers(request: IntegerRealizationRequest, options?: WorkOptions): Promise<IntegerRealization>;
}
