import type { HardwareMetric, Metric } from '../cost/constraint.js';
import type { CostTable } from '../cost/cost-table.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { PinRule, PrecisionWidths } from '../policy/precision-space.js';
import type { EvaluationResult, Fidelity, QuantizerTask, Split } from './quantizer.js';

/** What the learned bits may cost. */
export type PrecisionBudget =
  /** Mean bits of the layers that are not pinned, weighed by the number of weights, and by the number of input elements. */
  | { readonly kind: 'mean-bits'; readonly weightBits: number; readonly activationBits: number }
  /** What the whole network may cost, pinned layers included: all limits hold. */
  | { readonly kind: 'limits'; readonly limits: readonly PrecisionLimit[] };

/** A limit in the metric's unit; what hardware decides, by its table. */
export type PrecisionLimit =
  | { readonly metric: HardwareMetric; readonly table: CostTable; readonly limit: number }
  | { readonly metric: Exclude<Metric, HardwareMetric>; readonly limit: number };

/** How levels and bits are learned. */
export type LearningRates = {
  /** Terms of the Taylor series by which a bit is judged: 1 is DDQ's gradient, 2 adds the curvature. */
  readonly gateOrder: 1 | 2;
  /** Of the levels, in shares of a tensor's first range per step. */
  readonly levelRate: number;
  /** The gradient correction: how far a level goes towards the mean of its values in a step, 0..1. */
  readonly correction: number;
  /** How far a bit's score may move in a hundredth of the training, 0..1; it is given up below 0 and starts at 0.5. */
  readonly gateRate: number;
};

/** Chosen by measurement: docs/strategies/ddq.md. */
export const DEFAULT_LEARNING_RATES: LearningRates = {
  gateOrder: 2,
  levelRate: 0.0003,
  correction: 0.01,
  gateRate: 0.3,
};

/** Learns levels, ranges and bits of every layer by gradient while the network trains (DDQ, arXiv 2106.02295). */
export type LearnPrecisionRequest = QuantizerTask &
  LearningRates & {
    readonly budget: PrecisionBudget;
    /** Bits that tensors start with, and the fewest that they may end with: 1..8. */
    readonly maximumBits: number;
    readonly minimumBits: number;
    /** Of 1..8, what can be used in the end: other bits cost what the next wider ones do. Absent: all. */
    readonly widths?: PrecisionWidths | undefined;
    readonly pin: PinRule;
    readonly fidelity: Fidelity;
    readonly split: Split;
    readonly seed: number;
  };

/** What was learned of a layer; no levels where it is pinned. */
export type LearnedLayer = {
  /** Ascending, at most 2^bits; the weights' in units of their output channel's scale. */
  readonly weightLevels: readonly number[];
  /** One for each output channel, above 0. */
  readonly weightScales: readonly number[];
  readonly inputLevels: readonly number[];
  /** What the best uniform grid of as many bits misses the weights' levels by, as a share of their mean square. */
  readonly uniformError: number;
};

/** Accuracy is that with the learned levels. */
export type LearnPrecisionResult = EvaluationResult & {
  /** The learned bits; its weights have codebooks. */
  readonly policy: PrecisionPolicy;
  readonly layers: readonly LearnedLayer[];
  /** With uniform grids in place of all levels, for hardware that cannot look levels up. */
  readonly uniformAccuracy: number;
  readonly checkpointDigest: string;
};
