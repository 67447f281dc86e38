import { fitsBudget } from '../cost/budget.js';
import { createPolicyPricer, type PolicyCost } from '../cost/policy-cost.js';
import { type BitwrightError, isWorkerDeath, toBitwrightError } from '../errors.js';
import { withoutLayerPoints } from '../policy/points.js';
import { FLOAT_BITS, type PrecisionPolicy, policyHash, uniformPolicy } from '../policy/policy.js';
import type { EvaluationResult, Fidelity, FinetuneResult, Split } from '../ports/quantizer.js';
import type { BitLearning } from '../ports/search-strategy.js';
import { deriveSeed } from '../random.js';
import { type LearnedPolicy, learnBits } from './learn-bits.js';
import type { PreparedSearch } from './prepare-search.js';
import type { Trial, TrialRole } from './search.js';
import type { SearchRun } from './search-run.js';

/** A policy to measure; undefined is the float network. With `learning` its bits are learned first. */
export type Candidate = {
  readonly role: TrialRole;
  readonly origin: string;
  readonly policy: PrecisionPolicy | undefined;
  readonly learning?: BitLearning | undefined;
};

type Measured = Omit<Trial, 'searchId' | 'index' | 'role' | 'origin' | 'policyHash' | 'feasible' | 'finishedAt'>;

/** What a final fine-tuning adds to a trial, of those that had none. */
const NOT_FINETUNED = {
  validationAccuracy: undefined,
  validationCalibratedLoss: undefined,
  checkpointDigest: undefined,
};

export const FLOAT_HASH = 'float';

export const hashOf = (policy: PrecisionPolicy | undefined) => (policy === undefined ? FLOAT_HASH : policyHash(policy));

/** Whether a trial is of this policy, as it was asked for or with the points that the quantizer gave it. */
export function isTrialOf({ policy, policyHash: hash }: Trial, asked: string): boolean {
  return hash === asked || (policy?.layerPoints !== undefined && hashOf(withoutLayerPoints(policy)) === asked);
}

/** Measures a candidate on the validation split as trials are measured, or takes over what is already known of its policy. */
export async function evaluateCandidate(run: SearchRun, candidate: Candidate): Promise<Trial> {
  if (candidate.learning !== undefined) return evaluateLearned(run, candidate, candidate.learning);
  return record(run, candidate, await measureOnce(run, candidate.policy));
}

/** Where learning fails, what it should have begun with is the trial's policy. */
async function evaluateLearned(run: SearchRun, candidate: Candidate, learning: BitLearning): Promise<Trial> {
  let learned: LearnedPolicy;
  try {
    learned = await learnBits(run, learning);
  } catch (error) {
    const failure = toBitwrightError(error);
    // A training that diverges, or limits that exclude each other.
    if (!failsOnlyTheTrial(failure) && failure.kind !== 'failed_precondition') throw failure;
    return record(run, candidate, unmeasured(run, candidate.policy, failure));
  }
  const { policy, seconds } = learned;
  const measured = await measureOnce(run, policy);
  return record(run, candidate, { ...measured, seconds: seconds + measured.seconds });
}

/** Gives a candidate the final fine-tuning and measures it on the test split; the float network is only measured. */
export async function finetuneCandidate(run: SearchRun, candidate: Candidate): Promise<Trial> {
  const { quantizer } = run.ports;
  const { policy } = candidate;
  const request = requestFor(run, policy, run.search.spec.finalFidelity, 'test');
  const work = { signal: run.signal };
  const measured = await attempt(run, policy, 'test', async (cost) => {
    if (policy === undefined) return { ...toMeasured(await quantizer.evaluatePolicy(request, work)), policy, cost };
    const result = await quantizer.finetunePolicy(request, work);
    return { ...toMeasured(result), ...toFinetuned(result), ...(await withFoundPoints(run, policy, cost, result)) };
  });
  return record(run, candidate, measured);
}

function knownTrial(trials: readonly Trial[], hash: string): Trial | undefined {
  return trials.find((trial) => trial.role !== 'finalist' && isTrialOf(trial, hash) && trial.accuracy !== undefined);
}

/** What is known of a policy takes no time again. */
async function measureOnce(run: SearchRun, policy: PrecisionPolicy | undefined): Promise<Measured> {
  const known = knownTrial(run.journal.trials, hashOf(policy));
  return known === undefined ? measure(run, policy) : { ...known, seconds: 0 };
}

function measure(run: SearchRun, policy: PrecisionPolicy | undefined): Promise<Measured> {
  const fidelity = run.search.spec.trialFidelity;
  const request = requestFor(run, policy, fidelity, 'validation');
  return attempt(run, policy, 'validation', async (cost) => {
    const result = await run.ports.quantizer.evaluatePolicy(request, { signal: run.signal });
    return { ...toMeasured(result), ...(await withFoundPoints(run, policy, cost, result)) };
  });
}

/** What the work found, or how it failed where that is this policy's fault alone. */
async function attempt(
  run: SearchRun,
  policy: PrecisionPolicy | undefined,
  split: Split,
  work: (cost: PolicyCost) => Promise<Measured>,
): Promise<Measured> {
  let cost: PolicyCost | undefined;
  try {
    cost = await costOf(run, policy);
    return await work(cost);
  } catch (error) {
    const failure = toBitwrightError(error);
    if (!failsOnlyTheTrial(failure)) throw failure;
    return { ...unmeasured(run, policy, failure, cost), split };
  }
}

/** What is known of a policy that could not be measured; without a cost, what the network alone decides. */
function unmeasured(
  { search }: SearchRun,
  policy: PrecisionPolicy | undefined,
  { message: error }: BitwrightError,
  cost = createPolicyPricer(search.layers, undefined)(policyOf(search, policy)),
): Measured {
  const nothing = { ...NOT_FINETUNED, accuracy: undefined, calibratedLoss: undefined, samples: 0, seconds: 0 };
  return { ...nothing, policy, cost, split: 'validation', error };
}

/** The policy and its cost, with the points that it was found to have. */
async function withFoundPoints(
  run: SearchRun,
  asked: PrecisionPolicy | undefined,
  cost: PolicyCost,
  { layerPoints }: EvaluationResult,
): Promise<Pick<Measured, 'policy' | 'cost'>> {
  if (asked === undefined || layerPoints === undefined) return { policy: asked, cost };
  const policy = { ...asked, layerPoints };
  return { policy, cost: await costOf(run, policy) };
}

/** What a policy costs by the hardware itself. */
function costOf({ search, ports, signal }: SearchRun, policy: PrecisionPolicy | undefined): Promise<PolicyCost> {
  return search.evaluate(policyOf(search, policy), { catalog: ports.hardware, signal });
}

/** The float network as a policy: it has a size, and a latency where the hardware runs float. */
function policyOf(search: PreparedSearch, policy: PrecisionPolicy | undefined): PrecisionPolicy {
  return policy ?? uniformPolicy(search.layers.length, FLOAT_BITS);
}

/** A fault of this one evaluation; wrong input, lost peers and cancellation concern the whole search. */
function failsOnlyTheTrial(error: BitwrightError): boolean {
  if (isWorkerDeath(error)) return true;
  return error.kind === 'internal' || error.kind === 'aborted' || error.kind === 'deadline_exceeded';
}

function requestFor(run: SearchRun, policy: PrecisionPolicy | undefined, fidelity: Fidelity, split: Split) {
  const { model, dataset, seed } = run.search.spec;
  return { model, dataset, policy, fidelity, split, seed: deriveSeed(seed, split) };
}

function toMeasured(result: EvaluationResult): Omit<Measured, 'cost' | 'policy'> {
  const { accuracy, split, samples, seconds } = result;
  return {
    ...NOT_FINETUNED,
    accuracy,
    calibratedLoss: calibratedLossOf(result),
    split,
    samples,
    seconds,
    error: undefined,
  };
}

function toFinetuned({ validation, checkpointDigest }: FinetuneResult): Pick<Measured, keyof typeof NOT_FINETUNED> {
  return {
    validationAccuracy: validation.accuracy,
    validationCalibratedLoss: calibratedLossOf(validation),
    checkpointDigest,
  };
}

/** Nats; undefined where the network diverged. */
function calibratedLossOf({ calibratedLoss }: EvaluationResult): number | undefined {
  return Number.isFinite(calibratedLoss) ? calibratedLoss : undefined;
}

async function record(run: SearchRun, { role, origin }: Candidate, measured: Measured): Promise<Trial> {
  const { policy, cost, accuracy, calibratedLoss, validationAccuracy, validationCalibratedLoss } = measured;
  const { split, samples, seconds, checkpointDigest, error } = measured;
  const feasible = policy !== undefined && fitsBudget(cost, run.search.constraints);
  const what = { role, origin, policy, policyHash: hashOf(policy), cost, feasible };
  const figures = { accuracy, calibratedLoss, validationAccuracy, validationCalibratedLoss };
  const result = { ...figures, split, samples, seconds, checkpointDigest, error };
  return run.journal.append({ ...what, ...result, finishedAt: run.ports.clock.now() });
}
