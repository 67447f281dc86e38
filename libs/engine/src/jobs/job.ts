import type {
  DatasetDescription,
  EvaluationResult,
  ExportedIntegers,
  ExportResult,
  Fidelity,
  IntegerRealization,
  IntegerRealizationRequest,
  LearnPrecisionRequest,
  LearnPrecisionResult,
  Network,
  PrecisionPolicy,
  Preprocessing,
  SensitivityReport,
  SensitivityRequest,
  Split,
} from '@bitwright/core';
import type { DatasetPlaces } from '@bitwright/datasets';

/** Where a child finds what it works with. */
export type JobPlace = {
  /** An ONNX file that does not change. */
  readonly modelPath: string;
  /** Name under the data folder, or an absolute path. */
  readonly dataset: string;
  readonly places: DatasetPlaces;
};

export type PolicyEvaluation = {
  readonly policy: PrecisionPolicy | undefined;
  readonly fidelity: Fidelity;
  readonly split: Split;
  readonly seed: number;
};

/** What to realize in integers; see `IntegerRealizationRequest`. */
export type IntegerWork = Omit<IntegerRealizationRequest, 'model' | 'dataset'>;

/** What to measure of the layers; see `SensitivityRequest`. */
export type SensitivityMeasurement = Omit<SensitivityRequest, 'model' | 'dataset'>;

/** How to learn levels and bits; see `LearnPrecisionRequest`. */
export type PrecisionLearning = Omit<LearnPrecisionRequest, 'model' | 'dataset'>;

/** What a child process can be asked to do. */
export type Job =
  | { readonly kind: 'describe-model'; readonly modelPath: string }
  | ({ readonly kind: 'describe-dataset' } & Pick<JobPlace, 'dataset' | 'places'>)
  | ({ readonly kind: 'evaluate' } & JobPlace & PolicyEvaluation)
  | ({ readonly kind: 'sensitivity' } & JobPlace & SensitivityMeasurement)
  | ({ readonly kind: 'realize-integers' } & JobPlace & IntegerWork)
  | ({ readonly kind: 'learn-precision'; readonly learning: PrecisionLearning } & JobPlace)
  | ({ readonly kind: 'finetune' } & JobPlace & PolicyEvaluation)
  | ({ readonly kind: 'export'; readonly checkpointPath: string } & JobPlace);

/** Answers, by the kind of their job. */
export type JobResult =
  | { readonly kind: 'describe-model'; readonly network: Network; readonly preprocessing: Preprocessing | undefined }
  | { readonly kind: 'describe-dataset'; readonly dataset: DatasetDescription }
  | { readonly kind: 'evaluate'; readonly result: EvaluationResult }
  | { readonly kind: 'sensitivity'; readonly report: SensitivityReport }
  | {
      readonly kind: 'realize-integers';
      readonly onnx: Uint8Array;
      readonly log: string;
      readonly result: Omit<IntegerRealization, 'onnxDigest' | 'bytes' | 'logDigest'>;
    }
  | {
      readonly kind: 'learn-precision';
      readonly result: Omit<LearnPrecisionResult, 'checkpointDigest'>;
      readonly checkpoint: Uint8Array;
    }
  | {
      readonly kind: 'finetune';
      readonly result: EvaluationResult;
      readonly validation: EvaluationResult;
      /** The fine-tuned network as an ONNX file, see `checkpoint-file.ts`. */
      readonly checkpoint: Uint8Array;
    }
  | {
      readonly kind: 'export';
      readonly onnx: Uint8Array;
      readonly result: Omit<ExportResult, 'onnxDigest' | 'bytes' | 'integers'>;
      /** The same network for integer kernels, where there are such for all its layers. */
      readonly integers: WrittenIntegers | undefined;
    };

/** A file for integer kernels, and how it compares with the simulation. */
export type WrittenIntegers = {
  readonly onnx: Uint8Array;
  readonly result: Omit<ExportedIntegers, 'onnxDigest' | 'bytes'>;
};

/** The answer to one kind of job. */
export type ResultOf<Kind extends Job['kind']> = Extract<JobResult, { readonly kind: Kind }>;
