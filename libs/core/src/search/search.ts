import type { Constraint } from '../cost/constraint.js';
import type { PolicyCost } from '../cost/policy-cost.js';
import type { PrecisionPolicy, QuantizationScheme } from '../policy/policy.js';
import type { PinRule } from '../policy/precision-space.js';
import type { CountedLayers } from '../ports/hardware.js';
import type { DatasetSource, Fidelity, ModelSource } from '../ports/quantizer.js';

/** Hardware that a policy is priced on; batch and counted layers default to what its capabilities say. */
export type HardwareTarget = {
  readonly name: string;
  readonly batch?: number | undefined;
  readonly counted?: CountedLayers | undefined;
};

/** What a client asks for. Everything has a default but the model, the data set and the hardware. */
export type SearchSpec = {
  readonly model: ModelSource;
  readonly dataset: DatasetSource;
  /** One or more targets with different names; the first is the primary one, whose figures stand for the policy's. */
  readonly hardware: readonly HardwareTarget[];
  readonly budget: readonly Constraint[];
  readonly strategy: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly scheme: QuantizationScheme;
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  readonly pin: PinRule;
  /** Trials of the strategy; baselines come on top. */
  readonly maxTrials: number;
  /**
   * For the strategy's trials and for what is measured before them, s; trials that run are finished. Undefined: until the
   * trials are used up.
   */
  readonly timeLimitSeconds?: number | undefined;
  /** Of the trials, measured on the validation split. */
  readonly trialFidelity: Fidelity;
  /** Of the final fine-tuning of the best policies, measured on the test split. */
  readonly finalFidelity: Fidelity;
  /** How many of the best feasible policies get the final fine-tuning. */
  readonly finalists: number;
  readonly seed: number;
};

export type SearchState = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';

/** Steps of a search, in order. */
export type SearchPhase = 'preparing' | 'baselines' | 'searching' | 'finetuning' | 'exporting' | 'done';

export type SearchFailure = { readonly kind: string; readonly reason: string; readonly message: string };

export type SearchRecord = {
  readonly id: string;
  /** The client's idempotency key. */
  readonly requestId: string;
  readonly spec: SearchSpec;
  readonly state: SearchState;
  readonly phase: SearchPhase;
  readonly failure: SearchFailure | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** `baseline` trials are the controls every search runs, `strategy` those it proposed, `finalist` the final fine-tunings. */
export type TrialRole = 'baseline' | 'strategy' | 'finalist';

/** One evaluated policy. Accuracy is 0..1, undefined when the evaluation failed for good. */
export type Trial = {
  readonly searchId: string;
  /** From 0, in the order in which trials finished. */
  readonly index: number;
  readonly role: TrialRole;
  /** `uniform-8`, `warm-up`, `actor`, …; `float` for the float network. */
  readonly origin: string;
  /** Undefined for the float network. */
  readonly policy: PrecisionPolicy | undefined;
  /** Policy hash, or `float`. */
  readonly policyHash: string;
  readonly cost: PolicyCost;
  readonly feasible: boolean;
  readonly accuracy: number | undefined;
  /**
   * Mean cross entropy at the temperature that makes it least, nats, on `split`: how good the outputs are apart from how
   * confident they are. Undefined when the evaluation failed, when it is not finite, and for trials that earlier versions
   * stored.
   */
  readonly calibratedLoss: number | undefined;
  readonly split: 'training' | 'validation' | 'test';
  /** Of a finalist after its fine-tuning, on the validation split. */
  readonly validationAccuracy: number | undefined;
  /** The same of `calibratedLoss`, nats; what the result is chosen by. */
  readonly validationCalibratedLoss: number | undefined;
  readonly samples: number;
  readonly seconds: number;
  /** Parameters after a final fine-tuning. */
  readonly checkpointDigest: string | undefined;
  readonly error: string | undefined;
  readonly finishedAt: number;
};

/** A peer that does not answer, and that a search waits for meanwhile. Times are in milliseconds since the epoch. */
export type SearchWait = {
  /** `hardware bismo-edge`, or `quantizer`. */
  readonly peer: string;
  readonly since: number;
  /** When the search fails unless the peer is back. */
  readonly until: number;
  /** What the peer's first call failed with. */
  readonly reason: string;
};

/** Where the measurement of the layers stands that some strategies compute their policies from. */
export type MeasuringProgress = {
  readonly phase: string;
  /** Measurements of this phase. */
  readonly done: number;
  readonly total: number;
  /** What is left of this phase; undefined until its speed is known. */
  readonly etaSeconds: number | undefined;
};

/** What `WatchSearch` streams; `sequence` grows by one for each update stored, and is the token to resume from. */
export type SearchProgress = {
  readonly searchId: string;
  readonly sequence: number;
  readonly state: SearchState;
  readonly phase: SearchPhase;
  /** Trials evaluated and to evaluate, all phases together. */
  readonly done: number;
  readonly total: number;
  readonly evaluationsPerSecond: number;
  /** From measured times; undefined until one trial is measured. */
  readonly etaSeconds: number | undefined;
  readonly best:
    | {
        readonly accuracy: number;
        readonly origin: string;
        readonly cost: PolicyCost;
        readonly policy: PrecisionPolicy;
      }
    | undefined;
  readonly latest: Trial | undefined;
  readonly failure: SearchFailure | undefined;
  /** Why the search stands still; undefined while it goes on. */
  readonly waitingFor: SearchWait | undefined;
  /** Undefined but while layers are measured; `etaSeconds` above has what is left of it. */
  readonly measuring?: MeasuringProgress | undefined;
};
