import { assertPolicyFits, type HardwareFeedback, type Layer, type PrecisionPolicy } from '@bitwright/core';
import type { PairCosts } from './layer-cost-cache.js';

/** What stays the same while policies of one network are evaluated. */
export type EvaluationContext = {
  readonly hardware: string;
  readonly batch: number;
  readonly layers: readonly Layer[];
  readonly counted: readonly boolean[];
  /** One entry per layer. */
  readonly costs: readonly PairCosts[];
};

/**
 * Prices one policy: totals are sums over the counted layers, in layer order, so that they equal what the cost table
 * gives to the last bit. Throws `invalid_argument` for a policy of another network, `unsupported` for its bits.
 */
export function policyFeedback(context: EvaluationContext, policy: PrecisionPolicy): HardwareFeedback {
  assertPolicyFits(policy, context.layers);
  const layers = context.costs.map((costOf, index) => {
    const { weightBits, activationBits } = policy.layers[index] as PrecisionPolicy['layers'][number];
    return costOf(weightBits, activationBits);
  });
  let latencyMs = 0;
  let trafficBytes = 0;
  let energyMj: number | undefined = 0;
  layers.forEach((cost, index) => {
    if (context.counted[index] !== true) return;
    latencyMs += cost.latencyMs;
    trafficBytes += cost.trafficBytes;
    energyMj = energyMj === undefined || cost.energyMj === undefined ? undefined : energyMj + cost.energyMj;
  });
  const { hardware, batch, counted } = context;
  return { hardware, batch, counted, latencyMs, latencyPerImageMs: latencyMs / batch, energyMj, trafficBytes, layers };
}
