import type { PolicyCost, PolicyPricer, TargetCost } from '../cost/policy-cost.js';
import { BitwrightError } from '../errors.js';
import type { Layer } from '../network/layers.js';
import type { Network } from '../network/network.js';
import { FLOAT_BITS, type PrecisionPolicy, policyHash, uniformPolicy } from '../policy/policy.js';
import type { HardwareCatalog, HardwareFeedback } from '../ports/hardware.js';
import type { PreparedTarget } from './prepared-target.js';
import type { Trial } from './search.js';

/** Where the hardware is found when it has to be asked; a running search's catalog waits for services that are away. */
export type EvaluationPlace = { readonly catalog: HardwareCatalog; readonly signal?: AbortSignal | undefined };

/** What a policy costs, by the hardware itself. Throws what `Hardware.evaluate` throws. */
export type CostEvaluator = (policy: PrecisionPolicy, place: EvaluationPlace) => Promise<PolicyCost>;

export type CostEvaluatorParts = {
  readonly network: Network;
  readonly layers: readonly Layer[];
  readonly targets: readonly PreparedTarget[];
  /** By the targets' tables. */
  readonly prior: PolicyPricer;
};

/**
 * Additive hardware costs what its table says. Any other is asked for the whole policy, once: what a stored trial found
 * is taken over. A policy that a target has no price for (float) is not asked for there.
 */
export function createCostEvaluator(parts: CostEvaluatorParts, stored: readonly Trial[]): CostEvaluator {
  const { targets, prior } = parts;
  if (targets.every(({ capabilities }) => capabilities.additive)) return async (policy) => prior(policy);
  const sound = stored.filter(({ error }) => error === undefined);
  const float = uniformPolicy(parts.layers.length, FLOAT_BITS);
  const known = new Map(sound.map(({ policy = float, cost }) => [policyHash(policy), Promise.resolve(cost)]));
  return (policy, place) => {
    const hash = policyHash(policy);
    const asked = known.get(hash) ?? evaluate(parts, policy, place);
    known.set(hash, asked);
    // A failure is no answer: the next one asks again.
    asked.catch(() => known.delete(hash));
    return asked;
  };
}

async function evaluate(
  parts: CostEvaluatorParts,
  policy: PrecisionPolicy,
  place: EvaluationPlace,
): Promise<PolicyCost> {
  const tabulated = parts.prior(policy);
  const { targets: ofTargets } = tabulated;
  const costs = await Promise.all(
    parts.targets.map((target, index) => {
      const { latencyMs, energyMj } = ofTargets?.[index] ?? tabulated;
      const cost = { hardware: target.asked.name, latencyMs, energyMj };
      const isKnown = target.capabilities.additive || latencyMs === undefined;
      return isKnown ? cost : evaluateOn(target, parts, policy, place);
    }),
  );
  const { latencyMs, energyMj } = costs[0] as TargetCost;
  const cost = { ...tabulated, latencyMs, energyMj };
  return ofTargets === undefined ? cost : { ...cost, targets: costs };
}

async function evaluateOn(
  { asked: { name, batch, counted } }: PreparedTarget,
  { network, layers }: CostEvaluatorParts,
  policy: PrecisionPolicy,
  { catalog, signal }: EvaluationPlace,
): Promise<TargetCost> {
  const options = { batch, counted, network, signal };
  const hardware = await catalog.open(name);
  let feedback: HardwareFeedback | undefined;
  for await (const answer of hardware.evaluate(layers, [policy], options)) feedback ??= answer;
  if (feedback !== undefined) return { hardware: name, latencyMs: feedback.latencyMs, energyMj: feedback.energyMj };
  throw new BitwrightError('internal', 'NO_FEEDBACK', `${name} gave no answer for a policy`);
}
