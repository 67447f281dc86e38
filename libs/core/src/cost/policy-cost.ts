import type { Layer } from '../network/layers.js';
import { FLOAT_BITS, type PrecisionPolicy } from '../policy/policy.js';
import { type CostTable, costCell } from './cost-table.js';

/** Cost of a whole policy. Latency and energy are of the hardware's whole batch. */
export type PolicyCost = {
  /** Absent where the policy was not priced on hardware (float, or weights-only search). */
  readonly latencyMs: number | undefined;
  readonly energyMj: number | undefined;
  /** Weights only (no bias, no batch normalization): sum of weights x bits / 8. */
  readonly sizeBytes: number;
  /** Sum of MACs x weight bits x activation bits, one image. */
  readonly bops: number;
  /** Mean weight bits, weighted by the number of weights. */
  readonly effectiveBits: number;
};

/** Prices a policy: latency and energy from the table over its counted layers, the rest from the layers alone. */
export function costOfPolicy(
  layers: readonly Layer[],
  table: CostTable | undefined,
  policy: PrecisionPolicy,
): PolicyCost {
  let sizeBits = 0;
  let bops = 0;
  let weights = 0;
  layers.forEach((layer, index) => {
    const { weightBits, activationBits } = policy.layers[index] as PrecisionPolicy['layers'][number];
    sizeBits += layer.weights * weightBits;
    bops += layer.macs * weightBits * activationBits;
    weights += layer.weights;
  });
  const priced = table !== undefined && isPriced(policy) ? hardwareCost(table, policy) : undefined;
  return {
    latencyMs: priced?.latencyMs,
    energyMj: priced?.energyMj,
    sizeBytes: sizeBits / 8,
    bops,
    effectiveBits: sizeBits / weights,
  };
}

/** Whether hardware can run it at all: nothing is left in float. */
function isPriced(policy: PrecisionPolicy): boolean {
  return policy.layers.every((layer) => layer.weightBits !== FLOAT_BITS && layer.activationBits !== FLOAT_BITS);
}

function hardwareCost(table: CostTable, policy: PrecisionPolicy): { latencyMs: number; energyMj: number | undefined } {
  let latencyMs = 0;
  let energyMj: number | undefined = 0;
  policy.layers.forEach(({ weightBits, activationBits }, index) => {
    if (table.counted[index] !== true) return;
    const cell = costCell(table, index, weightBits, activationBits);
    latencyMs += cell.latencyMs;
    energyMj = energyMj === undefined || cell.energyMj === undefined ? undefined : energyMj + cell.energyMj;
  });
  return { latencyMs, energyMj };
}
