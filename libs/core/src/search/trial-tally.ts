import { bestByValidation, rankFeasible } from './ranking.js';
import type { Trial, TrialRole } from './search.js';

/** What progress is told from: kept while trials come, so that each costs the same however many there were. */
export type TrialTally = {
  readonly count: number;
  readonly latest: Trial | undefined;
  readonly byRole: Readonly<Record<TrialRole, number>>;
  /** Those of `byRole` that took time to measure a quantized policy. */
  readonly measured: Readonly<Record<TrialRole, number>>;
  readonly measuredSeconds: number;
  /** Of the strategy's trials. */
  readonly strategySeconds: number;
  /** The first of `rankFeasible`. */
  readonly bestSearched: Trial | undefined;
  readonly bestByValidation: Trial | undefined;
};

const NONE = { baseline: 0, strategy: 0, finalist: 0 };

export const NO_TRIALS: TrialTally = {
  ...{ count: 0, latest: undefined, byRole: NONE, measured: NONE, measuredSeconds: 0, strategySeconds: 0 },
  ...{ bestSearched: undefined, bestByValidation: undefined },
};

/** The tally with one more trial. */
export function addTrial(tally: TrialTally, trial: Trial): TrialTally {
  const { role, seconds, policy } = trial;
  const isMeasured = seconds > 0 && policy !== undefined;
  const { bestSearched = trial, bestByValidation: tuned = trial } = tally;
  return {
    count: tally.count + 1,
    latest: trial,
    byRole: oneMore(tally.byRole, role),
    measured: isMeasured ? oneMore(tally.measured, role) : tally.measured,
    measuredSeconds: tally.measuredSeconds + (isMeasured ? seconds : 0),
    strategySeconds: tally.strategySeconds + (role === 'strategy' ? seconds : 0),
    bestSearched: rankFeasible([bestSearched, trial])[0],
    bestByValidation: bestByValidation([tuned, trial]),
  };
}

export function tallyOf(trials: readonly Trial[]): TrialTally {
  return trials.reduce(addTrial, NO_TRIALS);
}

const oneMore = (counts: TrialTally['byRole'], role: TrialRole) => ({ ...counts, [role]: counts[role] + 1 });
