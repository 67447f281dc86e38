import type { ResolvedConstraint } from '../cost/budget.js';
import type { Constraint } from '../cost/constraint.js';
import { createTargetsPricer, type PolicyCost } from '../cost/policy-cost.js';
import { BitwrightError } from '../errors.js';
import type { Layer } from '../network/layers.js';
import { widenToKernels } from '../policy/kernel-pairs.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import type { SearchProblem, SolvedPolicy, StrategyDefinition } from '../ports/search-strategy.js';
import { toSearchProblem } from './create-strategy.js';
import { pricesOf, toldEvidence } from './learned-prices.js';
import { loadBasis, type PolicyBasis } from './policy-basis.js';
import { spaceOf } from './prepared-target.js';
import { resolveLimits } from './resolve-limits.js';
import type { SearchRecord, Trial } from './search.js';
import type { SearchPorts } from './search-ports.js';
import { createStoredPricer } from './stored-pricer.js';
import { validateSearchSpec } from './validate-spec.js';

/** A policy for another budget, with what it costs by the stored tables. */
export type ResolvedPolicy = SolvedPolicy & {
  readonly search: SearchRecord;
  readonly layers: readonly Layer[];
  readonly cost: PolicyCost;
  readonly constraints: readonly ResolvedConstraint[];
};

/**
 * The best policy within a budget by what a search has measured: nothing is measured again. Throws `failed_precondition`
 * where the search's strategy does not compute its policies, where it has not measured yet, and for a budget out of
 * reach; `invalid_argument` for one that says nothing.
 */
export async function resolvePolicy(
  ports: Pick<SearchPorts, 'store' | 'strategy'>,
  searchId: string,
  budget: readonly Constraint[],
): Promise<ResolvedPolicy> {
  const search = await ports.store.get(searchId);
  validateSearchSpec({ ...search.spec, budget });
  const solve = solverOf(ports.strategy(search.spec.strategy.name));
  const basis = await loadBasis(ports.store, searchId);
  if (basis === undefined) throw notMeasured(searchId);
  const problem = await problemOf(search, basis, budget, await ports.store.trials(searchId));
  const solved = await solve({ problem, options: search.spec.strategy.options });
  const policy = widenToKernels(problem.space, solved.policy);
  const { layers, constraints } = problem;
  return { ...solved, policy, search, layers, cost: problem.cost(policy), constraints };
}

/** The same problem as the search's strategy had, under another budget. */
async function problemOf(
  { spec }: SearchRecord,
  basis: PolicyBasis,
  budget: readonly Constraint[],
  trials: readonly Trial[],
): Promise<SearchProblem> {
  const { layers, targets, sensitivity } = basis;
  const asked = { ...spec, budget };
  const space = spaceOf(asked, layers, targets);
  const prior = createTargetsPricer(
    layers,
    targets.map(({ table }) => table),
  );
  const price = createStoredPricer({ spec, basis, prior, trials });
  const evaluate = async (policy: PrecisionPolicy) => price(policy);
  const limits = await resolveLimits({ spec: asked, layers, space, targets, evaluate });
  const prices = pricesOf({ prior, targets, ...limits });
  prices.learn(toldEvidence(trials, trials.length));
  const floatAccuracy = trials.find(({ origin }) => origin === 'float')?.accuracy ?? 0;
  return toSearchProblem({ layers, space, ...limits, spec: asked }, prices, { floatAccuracy, sensitivity });
}

function solverOf({ name, solve }: StrategyDefinition): NonNullable<StrategyDefinition['solve']> {
  if (solve !== undefined) return solve;
  const message = `the strategy ${name} finds policies by trying them; search with ompq or sensitivity to solve for other budgets`;
  throw new BitwrightError('failed_precondition', 'NOT_SOLVABLE', message);
}

function notMeasured(searchId: string): BitwrightError {
  const message = `search ${searchId} has not measured its layers yet; wait until it has, or resume it`;
  return new BitwrightError('failed_precondition', 'NOT_MEASURED', message);
}
