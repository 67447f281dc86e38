import type { SearchProblem, TrialOutcome } from '@bitwright/core';
import type { Bits } from '../allocation/decisions.js';
import type { HaqOptions } from './haq-options.js';

/** A policy that was measured. */
export type Measured = { readonly bits: Bits } & Omit<TrialOutcome, 'proposal'>;

/** How good a measured policy is. */
export interface Quality {
  /** Standard error of a loss, nats. */
  readonly error: number;
  /** What a policy loses against the float network, nats; undefined where its evaluation failed. */
  lossOf(outcome: Pick<TrialOutcome, 'accuracy' | 'calibratedLoss'>): number | undefined;
  /** Of a policy that loses so much: 0 for what is as good as the float network. */
  reward(loss: number): number;
}

/** Below it a policy is as bad as can be; a logarithm needs a limit. */
const LEAST_ACCURACY = 0.02;
/** Standard errors of both losses: of accuracies with 5000 samples, of calibrated losses after a short fine-tuning. */
const ACCURACY_ERROR = 0.005;
const CALIBRATED_ERROR = 0.002;

/**
 * `accuracy` is the published reward, R = λ (accuracy - float accuracy) in percent. `calibrated-loss` puts the likelihood
 * exp(-loss) in the accuracy's place, which tells policies apart whose accuracies differ by chance only.
 */
export function createQuality(
  { reward, rewardScale }: Pick<HaqOptions, 'reward' | 'rewardScale'>,
  { floatAccuracy, floatCalibratedLoss }: SearchProblem,
): Quality {
  const ofLikelihood = (float: number) => (loss: number) => rewardScale * 100 * float * Math.expm1(-loss);
  const byAccuracy: Quality['lossOf'] = ({ accuracy }) =>
    accuracy === undefined ? undefined : -Math.log(Math.max(accuracy, LEAST_ACCURACY) / floatAccuracy);
  if (reward === 'accuracy' || floatCalibratedLoss === undefined) {
    return { error: ACCURACY_ERROR, lossOf: byAccuracy, reward: ofLikelihood(floatAccuracy) };
  }
  // A network that diverged has an accuracy, but no loss that is a number.
  const byLoss: Quality['lossOf'] = (outcome) =>
    outcome.calibratedLoss === undefined ? byAccuracy(outcome) : outcome.calibratedLoss - floatCalibratedLoss;
  return { error: CALIBRATED_ERROR, lossOf: byLoss, reward: ofLikelihood(Math.exp(-floatCalibratedLoss)) };
}
