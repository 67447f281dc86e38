import type { DatasetDescription, Fidelity } from '../ports/quantizer.js';
import type { StrategyDefinition } from '../ports/search-strategy.js';
import { type Measuring, NOT_MEASURING } from './measuring.js';
import type { PreparedSearch } from './prepare-search.js';
import type { SearchProgress, SearchRecord, SearchWait } from './search.js';
import { strategySeconds } from './time-limit.js';
import type { TrialTally } from './trial-tally.js';

/** A training sample costs about as much as three measured ones: forward, and two backward products. */
const TRAINING_WEIGHT = 3;

/** How much is to do, known before a search starts. */
export type SearchPlan = {
  readonly baselines: number;
  readonly trials: number;
  readonly finalists: number;
  /** For the strategy's trials and what is measured before them, s. */
  readonly timeLimitSeconds: number | undefined;
  /** Work of one control, of one trial and of one finalist, in units of one measured sample. */
  readonly controlWork: number;
  readonly trialWork: number;
  readonly finalWork: number;
  readonly parallelism: number;
};

/** A strategy that learns bits makes few proposals, each of which trains as long as a finalist before it is measured. */
export function planSearch(search: PreparedSearch, strategy: StrategyDefinition, parallelism: number): SearchPlan {
  const { spec, dataset } = search;
  const baselines = search.baselines.length + (strategy.controls?.length ?? 0);
  const { trialFidelity, finalFidelity, maxTrials, finalists, timeLimitSeconds } = spec;
  const finalWork = workOf(finalFidelity, dataset, 'test') + dataset.samples.validation;
  const controlWork = workOf(trialFidelity, dataset, 'validation');
  const learnings = strategy.learnings?.(spec.strategy.options);
  const trialWork = controlWork + (learnings === undefined ? 0 : finalWork);
  const trials = Math.min(maxTrials, learnings ?? maxTrials);
  const counts = { baselines, trials, finalists: baselines + finalists };
  return { ...counts, timeLimitSeconds, controlWork, trialWork, finalWork, parallelism };
}

/** Where a search stands after its stored trials; the ETA comes from the measured times of this search. */
export function progressOf(
  record: SearchRecord,
  tally: TrialTally,
  plan: SearchPlan | undefined,
  waitingFor?: SearchWait | undefined,
  measuring: Measuring = NOT_MEASURING,
): SearchProgress {
  const ended = record.state === 'completed';
  const { count } = tally;
  const planned = plan === undefined ? count : plan.baselines + plan.trials + plan.finalists;
  // While finalists are still being tuned, one of them alone says nothing about which is best.
  const decided = record.phase === 'exporting' || record.phase === 'done';
  const best = (decided ? tally.bestByValidation : undefined) ?? tally.bestSearched;
  const speed = plan === undefined ? undefined : unitsPerSecond(tally, plan);
  return {
    searchId: record.id,
    sequence: count,
    state: record.state,
    phase: record.phase,
    done: count,
    total: ended ? count : Math.max(planned, count),
    evaluationsPerSecond: plan === undefined || speed === undefined ? 0 : speed / plan.trialWork,
    // Nobody knows when a peer will be back.
    etaSeconds: waitingFor === undefined ? etaSeconds(record, tally, plan, speed, measuring) : undefined,
    best:
      best?.policy === undefined
        ? undefined
        : { accuracy: best.accuracy ?? 0, origin: best.origin, cost: best.cost, policy: best.policy },
    latest: tally.latest,
    failure: record.failure,
    waitingFor,
    measuring: measuring.progress,
  };
}

function etaSeconds(
  record: SearchRecord,
  tally: TrialTally,
  plan: SearchPlan | undefined,
  speed: number | undefined,
  { progress, seconds }: Measuring,
) {
  if (record.state !== 'running' && record.state !== 'pending') return 0;
  const leftMeasuring = progress === undefined ? 0 : progress.etaSeconds;
  if (plan === undefined || speed === undefined || leftMeasuring === undefined) return undefined;
  const { baseline, strategy, finalist } = tally.byRole;
  const leftControls = Math.max(0, plan.baselines - baseline);
  const leftProposals = Math.max(0, plan.trials - strategy);
  const passed = seconds + leftMeasuring + strategySeconds(tally, plan.parallelism);
  const leftTime = (plan.timeLimitSeconds ?? Number.POSITIVE_INFINITY) - passed;
  const proposing = Math.min((leftProposals * plan.trialWork) / speed, Math.max(0, leftTime));
  const leftFinals = Math.max(0, plan.finalists - finalist);
  const searching = record.phase === 'preparing' || record.phase === 'baselines' || record.phase === 'searching';
  const left = searching ? (leftControls * plan.controlWork) / speed + proposing : 0;
  return leftMeasuring + left + (leftFinals * plan.finalWork) / speed;
}

/** Measured speed of all workers together; undefined until a quantized policy was measured. */
function unitsPerSecond({ measured, measuredSeconds }: TrialTally, plan: SearchPlan): number | undefined {
  if (measuredSeconds === 0) return undefined;
  const { baseline, strategy, finalist } = measured;
  const units = baseline * plan.controlWork + strategy * plan.trialWork + finalist * plan.finalWork;
  return (units / measuredSeconds) * plan.parallelism;
}

function workOf(fidelity: Fidelity, dataset: DatasetDescription, split: 'validation' | 'test'): number {
  const measured = fidelity.validationSamples === 0 ? dataset.samples[split] : fidelity.validationSamples;
  const trained = Math.min(fidelity.finetuneSamples, dataset.samples.training) * fidelity.finetuneEpochs;
  return fidelity.calibrationSamples + TRAINING_WEIGHT * trained + measured;
}
