import { widenToKernels } from '../policy/kernel-pairs.js';
import { type MeasuredProblem, toSearchProblem } from './create-strategy.js';
import { evaluateCandidate } from './evaluate-candidate.js';
import { pricesOf, toldEvidence } from './learned-prices.js';
import type { SearchRun } from './search-run.js';
import { untilAborted } from './until-aborted.js';

/** Measures the strategy's own controls that are not measured yet, as the uniform ones are; priced as its first proposal is. */
export async function runControls(run: SearchRun, known: MeasuredProblem): Promise<void> {
  const { search, ports, journal, signal } = run;
  const { controls = [] } = ports.strategy(search.spec.strategy.name);
  const prices = pricesOf(search);
  prices.learn(toldEvidence(journal.trials, 0));
  const problem = toSearchProblem(search, prices, known);
  for (const { origin, policyFor } of controls) {
    if (journal.trials.some((trial) => trial.role === 'baseline' && trial.origin === origin)) continue;
    const found = await untilAborted(policyFor(problem), signal);
    if (found === undefined) continue;
    await evaluateCandidate(run, { role: 'baseline', origin, policy: widenToKernels(search.space, found) });
  }
}
