import type { Trial } from './search.js';

/**
 * Trials measured on the validation split that fit the budget, best first; of equals the cheaper, then the earlier. By the
 * calibrated loss, which is a matter of chance far less than an accuracy of a few thousand samples is.
 */
export function rankFeasible(trials: readonly Trial[]): readonly Trial[] {
  const measured = trials.filter(
    ({ role, feasible, accuracy }) => role !== 'finalist' && feasible && accuracy !== undefined,
  );
  return sortByQuality(firstOfEachPolicy(measured), (trial) => trial);
}

/**
 * The best policy that the strategy was the first to propose: controls that it proposed again are not its own. As the
 * validation split has it after the final fine-tuning where there is one, else as the search measured it.
 */
export function strategyBest(trials: readonly Trial[]): Trial | undefined {
  const own = rankFeasible(trials).filter(({ role }) => role === 'strategy');
  const hashes = new Set(own.map(({ policyHash }) => policyHash));
  const finished = bestByValidation(trials.filter(({ policyHash }) => hashes.has(policyHash)));
  return own.find(({ policyHash }) => policyHash === finished?.policyHash) ?? own[0];
}

/** Who gets the final fine-tuning: the float network, every control, the best `count` policies and the strategy's best. */
export function finalistsOf(trials: readonly Trial[], count: number): readonly Trial[] {
  const controls = trials.filter(({ role, accuracy }) => role === 'baseline' && accuracy !== undefined);
  const own = strategyBest(trials);
  const best = rankFeasible(trials).slice(0, count);
  return firstOfEachPolicy([...controls, ...best, ...(own === undefined ? [] : [own])]);
}

/** The result: of the fine-tuned policies that fit, the one best on the validation split. */
export function bestByValidation(trials: readonly Trial[]): Trial | undefined {
  const finished = trials.filter(
    ({ role, feasible, validationAccuracy }) => role === 'finalist' && feasible && validationAccuracy !== undefined,
  );
  return sortByQuality(finished, ({ validationCalibratedLoss, validationAccuracy }) => ({
    calibratedLoss: validationCalibratedLoss,
    accuracy: validationAccuracy,
  }))[0];
}

function firstOfEachPolicy(trials: readonly Trial[]): Trial[] {
  const seen = new Set<string>();
  return trials.filter(({ policyHash }) => !seen.has(policyHash) && seen.add(policyHash));
}

type Quality = Pick<Trial, 'accuracy' | 'calibratedLoss'>;

/** By the calibrated loss where any has one, those without last: they diverged. Trials of earlier versions go by accuracy. */
function sortByQuality(trials: readonly Trial[], qualityOf: (trial: Trial) => Quality): readonly Trial[] {
  const haveLosses = trials.some((trial) => qualityOf(trial).calibratedLoss !== undefined);
  const badness = (trial: Trial) => {
    const { calibratedLoss = Number.MAX_VALUE, accuracy = 0 } = qualityOf(trial);
    return haveLosses ? calibratedLoss : -accuracy;
  };
  return trials.toSorted((a, b) => badness(a) - badness(b) || byCost(a, b));
}

const byCost = (a: Trial, b: Trial) =>
  (a.cost.latencyMs ?? a.cost.sizeBytes) - (b.cost.latencyMs ?? b.cost.sizeBytes) || a.index - b.index;
