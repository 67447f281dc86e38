import type { Bound } from '../cost/cost-table.js';
import type { PointFigures } from '../policy/points.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { ValidationFigure } from '../ports/hardware.js';
import type { IntegerSpeed } from '../ports/integer-realization.js';
import type { Preprocessing, Split } from '../ports/quantizer.js';
import type { HardwareTarget, SearchSpec } from '../search/search.js';

/** Version of the report's schema; see docs/report.md. */
export const REPORT_SCHEMA = 'bitwright.report/1';

/** What a policy costs on one target of several. */
export type ReportTargetCost = {
  readonly hardware: string;
  readonly latencyMs: number | null;
  readonly energyMj: number | null;
};

/** A policy with what it costs and reaches. Accuracies are top-1, 0..1; costs are of the hardware's whole batch. */
export type ReportEntry = {
  /** What found it: `haq`, `random`, `uniform-8`, `float`, … */
  readonly strategy: string;
  /** After the final fine-tuning, on the test split; null when it was not a finalist. */
  readonly testAccuracy: number | null;
  /** As the search measured it, on the validation split; null when it was not measured there. */
  readonly validationAccuracy: number | null;
  /** At the temperature that makes it least, nats, where `validationAccuracy` was measured; null when not known or not finite, absent in reports of earlier versions. */
  readonly validationCalibratedLoss?: number | null;
  readonly latencyMs: number | null;
  readonly energyMj: number | null;
  readonly sizeBytes: number;
  /** Bit operations of one image; absent in reports of earlier versions. */
  readonly bops?: number;
  readonly effectiveBits: number;
  readonly feasible: boolean;
  readonly policyHash: string;
  /** On each target, the primary one first; absent with a single target. */
  readonly targets?: readonly ReportTargetCost[];
};

/** What 8 bits everywhere cost: figures "of 8 bit" are relative to it. */
export type ReportReference = Pick<ReportEntry, 'latencyMs' | 'energyMj' | 'sizeBytes' | 'bops' | 'targets'>;

/** What a layer's bits cost on one target, by its cost table. */
export type ReportLayerCost = {
  readonly executedWeightBits: number;
  readonly executedActivationBits: number;
  readonly counted: boolean;
  readonly latencyMs: number | null;
  readonly latencyMsAt8Bits: number | null;
  readonly energyMj: number | null;
  readonly trafficBytes: number | null;
  /** Binary operations (2 x weight bits x activation bits x MACs) per byte moved; absent in reports of earlier versions. */
  readonly operationsPerByte?: number | null;
  readonly bound: Bound | null;
  /** What one bit less would save at these bits; null at the narrowest width, and for energy that is not known. */
  readonly latencyMsPerWeightBit: number | null;
  readonly latencyMsPerActivationBit: number | null;
  readonly energyMjPerWeightBit: number | null;
  readonly energyMjPerActivationBit: number | null;
  /** Whether the costs were interpolated between those of other bits: a guess. Absent in reports of earlier versions. */
  readonly interpolated?: boolean;
};

/** One layer of the result: its bits and what they cost on the primary target. */
export type ReportLayer = ReportLayerCost & {
  readonly index: number;
  readonly name: string;
  readonly kind: string;
  readonly weightBits: number;
  readonly activationBits: number;
  readonly weights: number;
  readonly macs: number;
  readonly sizeBytes: number;
  /** Of a multipoint policy: the points of all output channels together. */
  readonly points?: number;
  /** On each target, the primary one first; absent with a single target. */
  readonly targets?: readonly (ReportLayerCost & { readonly hardware: string })[];
};

export type ReportTrial = {
  readonly index: number;
  readonly role: string;
  readonly origin: string;
  readonly accuracy: number | null;
  /**
   * Mean cross entropy at the temperature that makes it least, nats, on `split`: how good the outputs are apart from how
   * confident they are. Null when not known or not finite, absent in reports of earlier versions.
   */
  readonly calibratedLoss?: number | null;
  readonly split: Split;
  readonly latencyMs: number | null;
  readonly energyMj: number | null;
  readonly sizeBytes: number;
  /** Bit operations of one image; absent in reports of earlier versions. */
  readonly bops?: number;
  readonly effectiveBits: number;
  readonly feasible: boolean;
  readonly seconds: number;
  readonly policyHash: string;
  readonly error: string | null;
  /** As an entry has them. */
  readonly targets?: readonly ReportTargetCost[];
};

export type ReportExportedFile = {
  readonly onnxDigest: string;
  readonly bytes: number;
  readonly opset: number;
  readonly onnxTestAccuracy: number;
  readonly parity: number;
};

/** For integer kernels; its speed is absent in reports of earlier versions. */
export type ReportExportedIntegers = ReportExportedFile & { readonly speed?: IntegerSpeed };

export type ReportExport = ReportExportedFile & {
  readonly simulatedTestAccuracy: number;
  /** Of a multipoint policy: what its points add up to. */
  readonly points?: PointFigures;
  /** The same network for integer kernels; absent where some layer has codebooks or one signed bit, and in reports of earlier versions. */
  readonly integers?: ReportExportedIntegers;
};

export type ReportConstraint = {
  readonly metric: string;
  readonly budget: string;
  readonly limit: number;
  readonly reference: number;
  readonly smallest: number;
  readonly reached: number | null;
  /** The target that it limits; absent with a single target, and for what no hardware decides. */
  readonly hardware?: string;
};

/**
 * What the front of a search on several targets trades accuracy for: a metric relative to 8 bits everywhere, on the
 * target where that is worst.
 */
export type ReportFrontMetric = {
  readonly metric: 'latency' | 'energy';
  /** What 8 bits everywhere cost on each target that reports the metric. */
  readonly references: readonly { readonly hardware: string; readonly value: number }[];
};

export type ReportHardware = {
  readonly name: string;
  readonly version: string;
  readonly batch: number;
  readonly provenance: string;
  /** False where the table is a first guess and totals are evaluated whole. Absent in reports of earlier versions. */
  readonly additive?: boolean;
  /** How far its figures were checked, as it says of itself. Absent in reports of earlier versions. */
  readonly validation?: readonly ValidationFigure[];
};

/** What the strategy knew of the layers before its first proposal, on samples of the training split. */
export type ReportSensitivity = {
  /** One number per layer under each name, for example `gamma`; docs/strategies says what they mean. */
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly warnings: readonly string[];
  readonly samples: number;
  readonly seconds: number;
};

/** The search as it was asked; `hardware` is the primary target, `targets` has all of several. */
export type ReportSpec = Omit<SearchSpec, 'hardware'> & {
  readonly hardware: HardwareTarget;
  readonly targets?: readonly HardwareTarget[];
};

export type ReportProvenance = {
  readonly version: string;
  readonly createdAt: string;
  readonly seconds: number;
  readonly seed: number;
  readonly spec: ReportSpec;
  readonly splits: Readonly<Record<Split, number>>;
  readonly dataset: string;
  readonly dataDigest: string;
  readonly modelDigest: string;
  readonly preprocess: Preprocessing;
  /** The primary target. */
  readonly hardware: ReportHardware;
  /** All of several, the primary one first; absent with a single target. */
  readonly targets?: readonly ReportHardware[];
  readonly versions: Readonly<Record<string, string>>;
};

/** `report.json`. */
export type Report = {
  readonly schema: typeof REPORT_SCHEMA;
  readonly searchId: string;
  readonly state: string;
  /** The best feasible policy of all that were evaluated, baselines included. */
  readonly result: ReportEntry;
  readonly policy: PrecisionPolicy;
  /** The strategy's own best, whatever found the result. */
  readonly strategyBest: ReportEntry | null;
  /**
   * Float, uniform 8, 6 and 4 bit where the search has such widths, and the uniform policy that fits the budget, all with
   * the same fine-tuning.
   */
  readonly baselines: readonly ReportEntry[];
  /** Absent in reports of earlier versions. */
  readonly reference?: ReportReference;
  readonly constraints: readonly ReportConstraint[];
  /** Non-dominated policies (validation accuracy against the first constraint's metric), ascending cost. */
  readonly front: readonly ReportEntry[];
  /** Absent where the front's cost is the metric itself, or size. */
  readonly frontMetric?: ReportFrontMetric;
  readonly layers: readonly ReportLayer[];
  /** Absent for strategies that measure no sensitivity. */
  readonly sensitivity?: ReportSensitivity;
  readonly trials: readonly ReportTrial[];
  readonly exported: ReportExport | null;
  readonly provenance: ReportProvenance;
};
