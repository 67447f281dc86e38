import type { Trial } from './search.js';

/** Trials measured on the validation split that fit the budget, best first; of equals the cheaper, then the earlier. */
export function rankFeasible(trials: readonly Trial[]): readonly Trial[] {
  const measured = trials.filter(
    ({ role, feasible, accuracy }) => role !== 'finalist' && feasible && accuracy !== undefined,
  );
  return firstOfEachPolicy(measured).sort(byAccuracy);
}

/**
 * The best policy that the strategy was the first to propose: controls that it proposed again are not its own. By the
 * validation accuracy after the final fine-tuning where there is one, else as the search measured it.
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
  return finished.sort((a, b) => (b.validationAccuracy ?? 0) - (a.validationAccuracy ?? 0) || byCost(a, b))[0];
}

function firstOfEachPolicy(trials: readonly Trial[]): Trial[] {
  const seen = new Set<string>();
  return trials.filter(({ policyHash }) => !seen.has(policyHash) && seen.add(policyHash));
}

const byAccuracy = (a: Trial, b: Trial) => (b.accuracy ?? 0) - (a.accuracy ?? 0) || byCost(a, b);

const byCost = (a: Trial, b: Trial) =>
  (a.cost.latencyMs ?? a.cost.sizeBytes) - (b.cost.latencyMs ?? b.cost.sizeBytes) || a.index - b.index;
