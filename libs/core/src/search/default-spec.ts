import { DEFAULT_SCHEME } from '../policy/policy.js';
import type { Fidelity } from '../ports/quantizer.js';
import type { SearchSpec } from './search.js';

/** 2048 samples to fine-tune on, as HAQ's reference; more to validate on, so that the best of many is less often only lucky. */
export const DEFAULT_TRIAL_FIDELITY: Fidelity = {
  calibrationSamples: 256,
  finetuneSamples: 2048,
  finetuneEpochs: 1,
  validationSamples: 5000,
  learningRate: 0.001,
  batchSize: 64,
};

/** The final fine-tuning: more samples, all of the test split. */
export const DEFAULT_FINAL_FIDELITY: Fidelity = {
  calibrationSamples: 512,
  finetuneSamples: 8192,
  finetuneEpochs: 1,
  validationSamples: 0,
  learningRate: 0.001,
  batchSize: 64,
};

const DEFAULTS = {
  budget: [],
  strategy: { name: 'haq', options: {} },
  scheme: DEFAULT_SCHEME,
  weightBits: [1, 2, 3, 4, 5, 6, 7, 8],
  activationBits: [1, 2, 3, 4, 5, 6, 7, 8],
  pin: 'first-last',
  maxTrials: 40,
  trialFidelity: DEFAULT_TRIAL_FIDELITY,
  finalFidelity: DEFAULT_FINAL_FIDELITY,
  finalists: 4,
  seed: 1,
} as const satisfies Partial<SearchSpec>;

export type PartialSearchSpec = Pick<SearchSpec, 'model' | 'dataset' | 'hardware'> & Partial<SearchSpec>;

/** Fills in what a client left open. */
export function completeSearchSpec(spec: PartialSearchSpec): SearchSpec {
  return { ...DEFAULTS, ...spec };
}
