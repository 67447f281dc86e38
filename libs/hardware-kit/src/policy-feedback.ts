import {
  assertPolicyFits,
  type HardwareFeedback,
  type Layer,
  type LayerCost,
  type PrecisionPolicy,
} from '@bitwright/core';
import type { PairCosts } from './layer-cost-cache.js';

/** What stays the same while policies of one network are evaluated. */
export type EvaluationContext = {
  readonly hardware: string;
  readonly batch: number;
  readonly layers: readonly Layer[];
  readonly counted: readonly boolean[];
  /** One entry per layer. */
  readonly costs: readonly PairCosts[];
  /** Time beyond the layers' own, ms; absent where there is none. */
  readonly betweenLayersMs?: ((costs: readonly LayerCost[]) => number) | undefined;
};

/**
 * Prices one policy: totals are sums over the counted layers, in layer order, so that they equal what the cost table
 * gives to the last bit; hardware that is not additive adds what lies between its layers. Throws `invalid_argument` for a policy of another network, `unsupported` for its bits.
 */
export function policyFeedback(context: EvaluationContext, policy: PrecisionPolicy): HardwareFeedback {
  assertPolicyFits(policy, context.layers);
  const layers = context.costs.map((costOf, index) => {
    const { weightBits, activationBits } = policy.layers[index] as PrecisionPolicy['layers'][number];
    return costOf(weightBits, activationBits);
  });
  const included = layers.filter((_, index) => context.counted[index] === true);
  const betweenMs = context.betweenLayersMs?.(layers) ?? 0;
  const latencyMs = Math.max(included.reduce((sum, cost) => sum + cost.latencyMs, 0) + betweenMs, 0);
  const energyMj = sumOfKnown(included.map((cost) => cost.energyMj));
  const trafficBytes = sumOfKnown(included.map((cost) => cost.trafficBytes));
  const { hardware, batch, counted } = context;
  return { hardware, batch, counted, latencyMs, latencyPerImageMs: latencyMs / batch, energyMj, trafficBytes, layers };
}

/** The sum, or undefined when one of the amounts is not known. */
function sumOfKnown(amounts: readonly (number | undefined)[]): number | undefined {
  return amounts.reduce<number | undefined>(
    (sum, amount) => (sum === undefined || amount === undefined ? undefined : sum + amount),
    0,
  );
}
