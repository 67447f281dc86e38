import { type LayerPrecision, type PrecisionPolicy, type PrecisionSpace, schemeOf } from '@bitwright/core';

/**
 * Bits of a whole policy as one vector: weights of layer 0, activations of layer 0, weights of layer 1, and so on, the
 * order in which HAQ decides them.
 */
export type Bits = Uint8Array;

/** Index of a layer's weight bits in {@link Bits}; its activation bits come next. */
export const weightDecision = (layer: number) => 2 * layer;
export const activationDecision = (layer: number) => 2 * layer + 1;
export const layerOf = (decision: number) => decision >> 1;
export const isWeight = (decision: number) => decision % 2 === 0;

/** The ascending choices of every decision. */
export function decisionChoices(space: PrecisionSpace): readonly (readonly number[])[] {
  const ascending = (choices: readonly number[]) => [...choices].sort((a, b) => a - b);
  return space.layers.flatMap(({ weightBits, activationBits }) => [ascending(weightBits), ascending(activationBits)]);
}

export function toPolicy(space: PrecisionSpace, bits: Bits): PrecisionPolicy {
  const layers = space.layers.map(
    (_, layer): LayerPrecision => ({
      weightBits: bits[weightDecision(layer)] as number,
      activationBits: bits[activationDecision(layer)] as number,
    }),
  );
  return { ...schemeOf(space), layers };
}

export function toBits(policy: PrecisionPolicy): Bits {
  return Uint8Array.from(policy.layers.flatMap(({ weightBits, activationBits }) => [weightBits, activationBits]));
}

/** Over layers, however many weights each has. */
export function meanWeightBits(bits: Bits): number {
  const weights = bits.filter((_, decision) => isWeight(decision));
  return weights.reduce((sum, value) => sum + value, 0) / weights.length;
}
