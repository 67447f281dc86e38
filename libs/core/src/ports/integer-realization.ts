import type { CostTable } from '../cost/cost-table.js';
import type { DatasetSource, ModelSource } from './quantizer.js';

/** A network in integers on some hardware, its bits searched as HAGO does: see docs/strategies/hago.md. */
export type IntegerRealizationRequest = {
  readonly model: ModelSource;
  readonly dataset: DatasetSource;
  /** A hardware specification: the name of a preset, or the text of one in YAML. */
  readonly specification: string;
  /** `default`, `greedy`, `batched-greedy`, `random` or `annealing`. */
  readonly search: string;
  readonly objective: 'accuracy' | 'divergence';
  /** `average-range`, `kullback-leibler` or `quantile:Q`. */
  readonly thresholds: string;
  /** Rounds thresholds up to powers of two. */
  readonly powerOfTwo: boolean;
  /** Training samples that thresholds are estimated on. */
  readonly calibrationSamples: number;
  /** Validation samples that each assignment is measured on; 0 means all. */
  readonly scoredSamples: number;
  readonly maxTrials: number;
  readonly seed: number;
  /** Begins at bits whose sums fit their accumulators; else at the most bits, as HAGO does. */
  readonly fitsAccumulators: boolean;
  /** Layers from the input on that stay float. */
  readonly floatLayers: number;
  /** A log of an earlier search whose best strategy is realized, without a search. */
  readonly replay: string | undefined;
  /** Costs of the layers that go into the objective, and what all of that latency is worth in accuracy or nats. */
  readonly latency: { readonly table: CostTable; readonly weight: number } | undefined;
};

/** Medians in ONNX Runtime for a batch of 1 on one thread, on the quantizer's machine and as busy as that is. */
export type IntegerSpeed = {
  readonly floatMs: number;
  readonly integersMs: number;
  /** Of runs beside each other, so that it need not be the quotient of both medians. */
  readonly timesAsFast: number;
};

/** Accuracies are top-1 on the test split, 0..1. */
export type IntegerRealization = {
  readonly onnxDigest: string;
  readonly bytes: number;
  readonly opset: number;
  /** JSON lines, one for each trial. */
  readonly logDigest: string;
  readonly floatAccuracy: number;
  readonly simulatedAccuracy: number;
  /** In ONNX Runtime, on the first `checkedSamples` of the split, and the share of them that both name alike. */
  readonly testAccuracy: number;
  readonly checkedSamples: number;
  readonly parity: number;
  readonly trials: number;
  /** Bits of the variables that were searched, by their names. */
  readonly bits: readonly { readonly variable: string; readonly bits: number }[];
  readonly seconds: number;
  /** Against the float network; absent where the file spells every step out, which is not made to be fast. */
  readonly speed?: IntegerSpeed | undefined;
};
