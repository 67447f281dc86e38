import type { Trial, TrialRole } from '@bitwright/core';
import { fromWirePolicyCost, optionalAmount, toWirePolicyCost } from './cost.js';
import { createEnumCodec } from './enum-codec.js';
import { splits } from './evaluation.js';
import {
  optionalText,
  requireAmount,
  requireCount,
  requireDigest,
  requireInteger,
  requireShare,
  requireText,
} from './fields.js';
import * as wire from './gen/bitwright/agent/v1/agent.js';
import { LIMITS } from './limits.js';
import { fromWirePolicy, toWirePolicy } from './policy.js';

const roles = createEnumCodec<TrialRole, wire.TrialRole>({
  baseline: wire.TrialRole.TRIAL_ROLE_BASELINE,
  strategy: wire.TrialRole.TRIAL_ROLE_STRATEGY,
  finalist: wire.TrialRole.TRIAL_ROLE_FINALIST,
});

/** The search's id stays behind: it stands in the message around. */
export function toWireTrial(trial: Trial): wire.Trial {
  return {
    index: trial.index,
    role: roles.toWire(trial.role),
    origin: trial.origin,
    policy: trial.policy === undefined ? undefined : toWirePolicy(trial.policy),
    policyHash: trial.policyHash,
    cost: toWirePolicyCost(trial.cost),
    feasible: trial.feasible,
    accuracy: trial.accuracy,
    validationAccuracy: trial.validationAccuracy,
    calibratedLoss: trial.calibratedLoss,
    validationCalibratedLoss: trial.validationCalibratedLoss,
    split: splits.toWire(trial.split),
    samples: trial.samples,
    seconds: trial.seconds,
    checkpointDigest: trial.checkpointDigest ?? '',
    error: trial.error ?? '',
    finishedAtMs: trial.finishedAt,
  };
}

/** Empty texts become `undefined`. */
export function fromWireTrial(message: wire.Trial, searchId: string, field: string): Trial {
  const { checkpointDigest, policy } = message;
  return {
    searchId,
    index: requireCount(message.index, `${field}.index`),
    role: roles.fromWire(message.role, `${field}.role`),
    origin: requireText(message.origin, `${field}.origin`),
    policy: policy === undefined ? undefined : fromWirePolicy(policy, `${field}.policy`),
    policyHash: requireText(message.policyHash, `${field}.policy_hash`),
    cost: fromWirePolicyCost(message.cost, `${field}.cost`),
    feasible: message.feasible,
    accuracy: optionalShare(message.accuracy, `${field}.accuracy`),
    validationAccuracy: optionalShare(message.validationAccuracy, `${field}.validation_accuracy`),
    calibratedLoss: optionalAmount(message.calibratedLoss, `${field}.calibrated_loss`),
    validationCalibratedLoss: optionalAmount(message.validationCalibratedLoss, `${field}.validation_calibrated_loss`),
    split: splits.fromWire(message.split, `${field}.split`),
    samples: requireInteger(message.samples, `${field}.samples`, { min: 0, max: LIMITS.samples }),
    seconds: requireAmount(message.seconds, `${field}.seconds`),
    checkpointDigest:
      checkpointDigest === '' ? undefined : requireDigest(checkpointDigest, `${field}.checkpoint_digest`),
    error: optionalText(message.error, `${field}.error`),
    finishedAt: requireCount(message.finishedAtMs, `${field}.finished_at_ms`),
  };
}

function optionalShare(value: number | undefined, field: string): number | undefined {
  return value === undefined ? undefined : requireShare(value, field);
}
