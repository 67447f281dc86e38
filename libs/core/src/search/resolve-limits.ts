import {
  type BudgetCosts,
  budgetInfeasible,
  fitsBudget,
  limitedBy,
  type ResolvedConstraint,
  resolveBudget,
  type TargetMetric,
} from '../cost/budget.js';
import { formatConstraint } from '../cost/constraint.js';
import { searchJointBudget } from '../cost/joint-budget.js';
import { cheapestPolicy, layerFigure } from '../cost/layer-figures.js';
import type { PolicyCost } from '../cost/policy-cost.js';
import type { Layer } from '../network/layers.js';
import { type PrecisionPolicy, uniformPolicy } from '../policy/policy.js';
import { eightBitActivations, type PrecisionSpace, smallestPolicy } from '../policy/precision-space.js';
import type { PreparedTarget } from './prepared-target.js';
import { requirePriced } from './require-priced.js';
import type { SearchSpec } from './search.js';

export type LimitParts = {
  readonly spec: SearchSpec;
  readonly layers: readonly Layer[];
  readonly space: PrecisionSpace;
  readonly targets: readonly PreparedTarget[];
  readonly evaluate: (policy: PrecisionPolicy) => Promise<PolicyCost>;
};

/** The limits in numbers. */
export type Limits = {
  readonly constraints: readonly ResolvedConstraint[];
  /** What 8 bits everywhere cost; undefined without a budget. */
  readonly reference: PolicyCost | undefined;
  /** A policy that meets all limits. */
  readonly fitting: PrecisionPolicy;
};

/**
 * Resolves the budget on every target and finds a policy within it. Throws `failed_precondition` `BUDGET_INFEASIBLE`
 * for a limit that no policy meets, and for limits that none meets together where that can be proven; where neither is
 * known, `fitting` is the closest that was found. Throws what `requirePriced` throws.
 */
export async function resolveLimits(parts: LimitParts): Promise<Limits> {
  const { spec, space, targets } = parts;
  if (spec.budget.length === 0) return { constraints: [], reference: undefined, fitting: smallestPolicy(space) };
  const names = targets.map(({ asked }) => asked.name);
  const cheapest = cheapestOfEach(parts, names);
  const costs = await budgetCosts(parts, cheapest);
  requirePriced(
    spec,
    targets,
    cheapest.map(({ what }) => what),
    costs,
  );
  const constraints = resolveBudget(spec.budget, costs, names);
  const candidates = [smallestPolicy(space), ...cheapest.map(({ policy }) => policy)];
  const fitting = (await firstFitting(parts, candidates, constraints)) ?? (await jointlyFitting(parts, constraints));
  return { constraints, reference: costs.reference, fitting };
}

async function firstFitting(
  { evaluate }: LimitParts,
  candidates: readonly PrecisionPolicy[],
  constraints: readonly ResolvedConstraint[],
): Promise<PrecisionPolicy | undefined> {
  for (const policy of candidates) if (fitsBudget(await evaluate(policy), constraints)) return policy;
  return undefined;
}

/** 8 bits everywhere: what relative limits refer to, whether or not the search may use it. */
export function referencePolicy({ activationBits, scheme }: SearchSpec, { length }: readonly Layer[]): PrecisionPolicy {
  return uniformPolicy(length, 8, eightBitActivations(activationBits), scheme);
}

type Cheapest = { readonly what: TargetMetric; readonly policy: PrecisionPolicy };

/** For everything that is limited, the policy with the least of it by the tables. */
function cheapestOfEach({ spec, layers, space, targets }: LimitParts, names: readonly string[]): readonly Cheapest[] {
  const tables = targets.map(({ table }) => table);
  const limited = spec.budget.flatMap((constraint) => limitedBy(constraint, names));
  const distinct = limited.filter((what, index) => limited.findIndex((other) => isSame(other, what)) === index);
  return distinct.map((what) => ({ what, policy: cheapestPolicy(space, layerFigure(layers, tables, what)) }));
}

async function budgetCosts(
  { spec, layers, evaluate }: LimitParts,
  cheapest: readonly Cheapest[],
): Promise<BudgetCosts> {
  const reference = await evaluate(referencePolicy(spec, layers));
  const costs = await Promise.all(cheapest.map(async ({ what, policy }) => ({ what, cost: await evaluate(policy) })));
  const smallest = (asked: TargetMetric) => costs.find(({ what }) => isSame(what, asked))?.cost as PolicyCost;
  return { reference, smallest };
}

const isSame = (a: TargetMetric, b: TargetMetric) => a.metric === b.metric && a.target === b.target;

/** By the tables alone; a proof holds where these are the truth. */
async function jointlyFitting(
  { layers, space, targets, evaluate }: LimitParts,
  constraints: readonly ResolvedConstraint[],
): Promise<PrecisionPolicy> {
  const tables = targets.map(({ table }) => table);
  const limits = constraints.map((constraint) => ({
    figure: layerFigure(layers, tables, constraint),
    limit: constraint.limit,
  }));
  const { verdict, policy, leastShare } = searchJointBudget(space, limits);
  if (fitsBudget(await evaluate(policy), constraints)) return policy;
  const isProof = targets.every(({ capabilities }) => capabilities.additive);
  if (verdict === 'impossible' && isProof) throw jointlyInfeasible(constraints, leastShare);
  return policy;
}

function jointlyInfeasible(constraints: readonly ResolvedConstraint[], leastShare: number) {
  const texts = [...new Set(constraints.map(({ asked }) => formatConstraint(asked)))];
  const together =
    texts.length > 1
      ? `${texts.join(' and ')} cannot be met together`
      : `${texts[0]} cannot be met on all targets at once`;
  const description = `${together}, though each can alone: every policy takes at least ${leastShare.toPrecision(4)} times one of the limits`;
  return budgetInfeasible([{ field: 'spec.budget', description }]);
}
