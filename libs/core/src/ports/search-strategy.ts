import type { ResolvedConstraint, TargetMetric } from '../cost/budget.js';
import type { PolicyCost } from '../cost/policy-cost.js';
import type { Layer } from '../network/layers.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { PrecisionSpace } from '../policy/precision-space.js';
import type { LearningRates } from './precision-learning.js';
import type { RandomSource } from './random-source.js';
import type { SensitivityMeasure, SensitivityReport } from './sensitivity.js';

/** All that a strategy knows of a search. */
export type SearchProblem = {
  readonly layers: readonly Layer[];
  readonly space: PrecisionSpace;
  /**
   * Prices a policy; pure and fast (a table look-up per layer). Of hardware that is not additive it is a guess, which is
   * corrected between `tell` and `ask` by what evaluations found.
   */
  readonly cost: (policy: PrecisionPolicy) => PolicyCost;
  /** Grows when `cost` was corrected: what was derived from it is out of date. */
  readonly priceVersion: () => number;
  /** All must hold for a policy to be feasible. */
  readonly constraints: readonly ResolvedConstraint[];
  /** A policy of the space that meets them. */
  readonly fitting: PrecisionPolicy;
  /** Of the float network, on the split that trials are measured on, 0..1. */
  readonly floatAccuracy: number;
  /** Of the float network on that split, nats; undefined where it was not measured. */
  readonly floatCalibratedLoss?: number | undefined;
  /** How many trials the search may run in all. */
  readonly maxTrials: number;
  /** What the definition's `measures` asked for; absent where it asks for nothing, and while options are only checked. */
  readonly sensitivity?: SensitivityReport | undefined;
};

export type Proposal = {
  /** What is measured; where its bits are still to be learned, the most that each layer may have. */
  readonly policy: PrecisionPolicy;
  /** Where it came from inside the strategy, for example `warm-up`, `actor`, `uniform`. */
  readonly origin: string;
  /** Bits that the quantizer learns by gradient first, in place of the policy's. */
  readonly learning?: BitLearning | undefined;
};

/** What bits may be learned, and how. */
export type BitLearning = LearningRates & {
  /** All must hold. */
  readonly limits: readonly (TargetMetric & { readonly limit: number })[];
  /** What every tensor starts with, 1..8. */
  readonly maximumBits: number;
};

/** What came of a proposal; a learned one has the policy that was asked for. */
export type TrialOutcome = {
  readonly proposal: Proposal;
  /** 0..1; undefined when the evaluation failed for good. */
  readonly accuracy: number | undefined;
  /** Mean cross entropy at the best temperature, nats; undefined where it was not measured. */
  readonly calibratedLoss?: number | undefined;
};

/**
 * Proposes policies and learns from what became of them. Deterministic given the random source; does no I/O; never
 * holds the event loop for more than a few milliseconds at a time. Every proposal fits the constraints by the problem's
 * price, but for those whose bits are to be learned. Outcomes are told in the order in which they were asked. `ask` gives
 * fewer proposals than asked only when it has no more.
 * `snapshot` holds all that `restore` needs to go on as if nothing had happened.
 */
export interface SearchStrategy {
  ask(count: number): Promise<readonly Proposal[]>;
  tell(outcomes: readonly TrialOutcome[]): Promise<void>;
  snapshot(): Uint8Array;
  restore(snapshot: Uint8Array): void;
}

export type StrategyContext = {
  readonly problem: SearchProblem;
  readonly random: RandomSource;
  /** The strategy's own settings; each has a default. Unknown or wrong ones throw `invalid_argument`. */
  readonly options: Readonly<Record<string, unknown>>;
};

/** A policy that was computed, not measured. */
export type SolvedPolicy = {
  readonly policy: PrecisionPolicy;
  /** What was made best, and its value. */
  readonly objective: { readonly name: string; readonly value: number };
  /** By the measured sensitivity, nats; undefined where it does not tell. */
  readonly predictedLossIncrease: number | undefined;
  /** What one per cent more of each constraint would gain, in the objective's unit, in the constraints' order. */
  readonly shadowPrices: readonly number[];
};

/** What a strategy makes of a sensitivity, for the report: named columns of one number per layer. */
export type SensitivityExplanation = {
  readonly columns: Readonly<Record<string, readonly number[]>>;
  readonly warnings: readonly string[];
};

/** One of a strategy's own settings, as people are told of it. */
export type StrategyOption = {
  readonly name: string;
  readonly description: string;
  /** What may be written, for example `a whole number from 1 to 8`. */
  readonly values: string;
  /** As it would be written; undefined where the search decides, as the description says. */
  readonly default: string | undefined;
};

/** What people are told of a strategy. */
export type StrategyDescription = {
  readonly name: string;
  readonly description: string;
  readonly options: readonly StrategyOption[];
};

/** A policy that a strategy must be better than, besides the uniform ones: measured and fine-tuned as these are. */
export type StrategyControl = {
  readonly origin: string;
  /** The same for the same problem, without its sensitivity; undefined where none fits. */
  readonly policyFor: (problem: SearchProblem) => Promise<PrecisionPolicy | undefined>;
};

/** One line of the strategies' registry. */
export type StrategyDefinition = StrategyDescription & {
  create(context: StrategyContext): SearchStrategy;
  /** What is measured once before the search, and given as `problem.sensitivity`. Throws as `create` for wrong options. */
  readonly measures?: (options: StrategyContext['options']) => readonly SensitivityMeasure[];
  /** Absent where it has none of its own. */
  readonly controls?: readonly StrategyControl[];
  /** So many proposals, all with bits to be learned in the final fine-tuning's time; absent where bits are not learned. */
  readonly learnings?: (options: StrategyContext['options']) => number;
  /** The best policy for a problem with a sensitivity, without any trial. */
  readonly solve?: (context: Pick<StrategyContext, 'problem' | 'options'>) => Promise<SolvedPolicy>;
  readonly explain?: (report: SensitivityReport, options: StrategyContext['options']) => SensitivityExplanation;
};
