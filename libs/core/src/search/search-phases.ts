import { BitwrightError } from '../errors.js';
import { mayWiden } from '../policy/kernel-pairs.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { ExportResult } from '../ports/quantizer.js';
import type { Proposal, TrialOutcome } from '../ports/search-strategy.js';
import { createStrategy, type MeasuredProblem } from './create-strategy.js';
import { type Candidate, evaluateCandidate, finetuneCandidate, hashOf, isTrialOf } from './evaluate-candidate.js';
import { pricesOf, toldEvidence } from './learned-prices.js';
import { mapConcurrent } from './map-concurrent.js';
import { bestByValidation, finalistsOf } from './ranking.js';
import type { Trial } from './search.js';
import type { SearchRun } from './search-run.js';
import { readSnapshot, writeSnapshot } from './strategy-snapshot.js';
import { createTimeLimit } from './time-limit.js';
import { untilAborted } from './until-aborted.js';
import { type KnownOutcome, withoutRepeats } from './without-repeats.js';

/** Measures the controls that are not measured yet; returns the float network's trial. */
export async function runBaselines(run: SearchRun): Promise<Trial> {
  const done = new Set(run.journal.trials.filter(({ role }) => role === 'baseline').map(({ origin }) => origin));
  const missing = run.search.baselines.filter(({ origin }) => !done.has(origin));
  await mapConcurrent(missing, run.parallelism, (baseline) =>
    evaluateCandidate(run, { role: 'baseline', ...baseline }),
  );
  const float = run.journal.trials.find(({ origin, role }) => role === 'baseline' && origin === 'float');
  if (float?.accuracy !== undefined) return float;
  const message = `the float network could not be measured: ${float?.error ?? 'no result'}`;
  throw new BitwrightError('internal', 'FLOAT_UNMEASURED', message);
}

/**
 * Lets the strategy propose and learn until the trials or the time are used up or it has no more to propose; it proposes
 * once at least. Proposals that become one policy, on hardware that lacks kernels, take one trial. Goes on from the stored
 * snapshot; trials that were stored but not told before a crash are taken over, not measured again.
 */
export async function runStrategy(run: SearchRun, known: MeasuredProblem): Promise<void> {
  const prices = pricesOf(run.search);
  const created = createStrategy(run.search, prices, run.ports.strategy, known);
  const outcomeOf = (policy: PrecisionPolicy) => knownOutcome(strategyTrials(run).slice(0, told), policy);
  const strategy = mayWiden(run.search.space) ? withoutRepeats(created, outcomeOf) : created;
  const snapshot = await run.ports.store.snapshot(run.record.id);
  const restored = snapshot === undefined ? undefined : readSnapshot(snapshot);
  if (restored !== undefined) strategy.restore(restored.state);
  let told = restored?.told ?? 0;
  const untold = strategyTrials(run).slice(told);
  const isTimeOver = createTimeLimit(run, known.sensitivity?.seconds ?? 0);
  while (told < run.search.spec.maxTrials && !(told > 0 && isTimeOver())) {
    run.signal.throwIfAborted();
    prices.learn(toldEvidence(run.journal.trials, told));
    const count = Math.min(run.parallelism, run.search.spec.maxTrials - told);
    const proposals = await untilAborted(strategy.ask(count), run.signal);
    if (proposals.length === 0) return;
    const outcomes = await mapConcurrent(proposals, run.parallelism, (proposal) =>
      evaluateProposal(run, proposal, untold),
    );
    await strategy.tell(outcomes);
    told += outcomes.length;
    await run.journal.saveSnapshot(writeSnapshot({ told, state: strategy.snapshot() }));
  }
}

/** Fine-tunes the controls and the best policies; all are measured on the test split. One that failed before is tried again. */
export async function runFinalists(run: SearchRun): Promise<void> {
  const measured = run.journal.trials.filter(({ role, accuracy }) => role === 'finalist' && accuracy !== undefined);
  const done = new Set(measured.map(({ policyHash }) => policyHash));
  const finalists = finalistsOf(run.journal.trials, run.search.spec.finalists).filter(
    (trial) => !done.has(trial.policyHash),
  );
  await mapConcurrent(finalists, run.parallelism, ({ origin, policy }) =>
    finetuneCandidate(run, { role: 'finalist', origin, policy }),
  );
  requireFinalist(run.journal.trials);
}

/** A search may lose some of what it found to failing fine-tunings, not all of it. */
function requireFinalist(trials: readonly Trial[]): void {
  const failed = trials.find(({ role, feasible, error }) => role === 'finalist' && feasible && error !== undefined);
  if (failed === undefined || bestByValidation(trials) !== undefined) return;
  const message = `no policy that fits could be fine-tuned: ${failed.error}`;
  throw new BitwrightError('internal', 'FINALISTS_FAILED', message);
}

/** Exports the result's model and checks it; undefined when nothing feasible was found. */
export async function runExport(run: SearchRun): Promise<ExportResult | undefined> {
  const best = bestByValidation(run.journal.trials);
  if (best?.policy === undefined || best.checkpointDigest === undefined) return undefined;
  const { model, dataset } = run.search.spec;
  const request = { model, dataset, policy: best.policy, checkpointDigest: best.checkpointDigest };
  return run.ports.quantizer.exportModel(request, { signal: run.signal });
}

const strategyTrials = (run: SearchRun) => run.journal.trials.filter(({ role }) => role === 'strategy');

/** Undefined where the policy was not tried, and where that failed: it is tried again then. */
function knownOutcome(trials: readonly Trial[], policy: PrecisionPolicy): KnownOutcome | undefined {
  const hash = hashOf(policy);
  const trial = trials.find((tried) => tried.accuracy !== undefined && isTrialOf(tried, hash));
  return trial && { accuracy: trial.accuracy, calibratedLoss: trial.calibratedLoss };
}

async function evaluateProposal(run: SearchRun, proposal: Proposal, untold: Trial[]): Promise<TrialOutcome> {
  const { policy, learning } = proposal;
  const origin = `${run.search.spec.strategy.name}/${proposal.origin}`;
  const hash = hashOf(policy);
  // What was learned has other bits than what was asked for; its origin names its limits.
  const position = untold.findIndex((trial) => (learning ? trial.origin === origin : isTrialOf(trial, hash)));
  if (position >= 0) return toOutcome(proposal, untold.splice(position, 1)[0] as Trial);
  const candidate: Candidate = { role: 'strategy', origin, policy, learning };
  return toOutcome(proposal, await evaluateCandidate(run, candidate));
}

const toOutcome = (proposal: Proposal, { accuracy, calibratedLoss }: Trial): TrialOutcome => ({
  proposal,
  accuracy,
  calibratedLoss,
});
