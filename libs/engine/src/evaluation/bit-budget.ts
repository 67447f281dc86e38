import type { LayerPrecision } from '@bitwright/core';

/** A limit on a sum of costs over layers, each of which depends on the layer's bits alone. */
export type BitBudget = {
  /** What is limited, for people. */
  readonly name: string;
  readonly limit: number;
  /** What `limit` is divided by where people read it. */
  readonly unit: number;
  /** Of the layer at these bits, in the limit's unit. */
  readonly cost: (layer: number, bits: LayerPrecision) => number;
};

/** A tensor whose bits are learned. */
export type LearnedTensor = { readonly layer: number; readonly role: 'weight' | 'input' };

const BITS_OF = { weight: 'weightBits', input: 'activationBits' } as const;

/** How much of its limit a budget has used. */
export function usageOf({ limit, cost }: BitBudget, layers: readonly LayerPrecision[]): number {
  return layers.reduce((sum, bits, layer) => sum + cost(layer, bits), 0) / limit;
}

/** What budgets gain, in shares of their limits, when a layer has these bits in place of those. */
export function gainOf(budgets: readonly BitBudget[], layer: number, from: LayerPrecision, to: LayerPrecision): number {
  return budgets.reduce((sum, { limit, cost }) => sum + (cost(layer, from) - cost(layer, to)) / limit, 0);
}

/**
 * The gradient of λ Σ max(0, M / M₀ - 1) with respect to every gate, tensor by tensor: λ times what the gate's bit costs of the
 * budgets that are exceeded. The first `least` gates cost nothing, as they never close.
 */
export function gatePressure(
  budgets: readonly BitBudget[],
  layers: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  { bits, least, strength }: { readonly bits: number; readonly least: number; readonly strength: number },
): Float32Array {
  const pressure = new Float32Array(tensors.length * bits);
  const exceeded = budgets.filter((budget) => usageOf(budget, layers) > 1);
  tensors.forEach((tensor, row) => {
    for (let gate = least; gate < bits; gate += 1)
      pressure[row * bits + gate] = strength * costOfBit(exceeded, layers, tensors, tensor, gate + 1);
  });
  return pressure;
}

/**
 * What the tensor's `bit`-th bit costs while the layer's other tensor stays as it is. Where neither tensor's costs anything so, as
 * on hardware that runs both at the wider one, half of what both cost together.
 */
function costOfBit(
  budgets: readonly BitBudget[],
  layers: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  tensor: LearnedTensor,
  bit: number,
): number {
  const { layer } = tensor;
  const now = layers[layer] as LayerPrecision;
  const own = tensors.filter((one) => one.layer === layer);
  const alone = (one: LearnedTensor) => gainOf(budgets, layer, atBits(now, one, bit), atBits(now, one, bit - 1));
  if (own.length < 2 || own.some((one) => alone(one) > 0)) return alone(tensor);
  const together = (bits: number) => atMost(atBits(now, tensor, bits), bits);
  return gainOf(budgets, layer, together(bit), together(bit - 1)) / own.length;
}

/** The layer with another number of bits for one tensor. */
export const atBits = (layer: LayerPrecision, { role }: LearnedTensor, bits: number): LayerPrecision => ({
  ...layer,
  [BITS_OF[role]]: bits,
});

/** The layer with so many bits at most. */
export function atMost({ weightBits, activationBits }: LayerPrecision, bits: number): LayerPrecision {
  return { weightBits: Math.min(weightBits, bits), activationBits: Math.min(activationBits, bits) };
}

/** The layers with another number of bits for one tensor. */
export function withBits(
  layers: readonly LayerPrecision[],
  tensor: LearnedTensor,
  bits: number,
): readonly LayerPrecision[] {
  return layers.with(tensor.layer, atBits(layers[tensor.layer] as LayerPrecision, tensor, bits));
}

export const bitsOf = (layers: readonly LayerPrecision[], { layer, role }: LearnedTensor): number =>
  (layers[layer] as LayerPrecision)[BITS_OF[role]];
