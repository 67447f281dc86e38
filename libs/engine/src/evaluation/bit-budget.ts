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

/** What the tensor's `bits`-th bit adds to the budget's usage while the layer's other tensor stays as it is. */
function savingOf(
  { limit, cost }: BitBudget,
  layers: readonly LayerPrecision[],
  { layer, role }: LearnedTensor,
  bits: number,
): number {
  const at = (value: number) => cost(layer, { ...(layers[layer] as LayerPrecision), [BITS_OF[role]]: value });
  return (at(bits) - at(bits - 1)) / limit;
}

/**
 * The gradient of λ Σ max(0, M / M₀ - 1) with respect to every gate, tensor by tensor: λ times the gate's saving of the
 * budgets that are exceeded. The first `least` gates cost nothing, as they never close.
 */
export function gatePressure(
  budgets: readonly BitBudget[],
  layers: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  { bits, least, strength }: { readonly bits: number; readonly least: number; readonly strength: number },
): Float32Array {
  const pressure = new Float32Array(tensors.length * bits);
  for (const budget of budgets) {
    if (usageOf(budget, layers) <= 1) continue;
    tensors.forEach((tensor, row) => {
      for (let gate = least; gate < bits; gate += 1)
        pressure[row * bits + gate]! += strength * savingOf(budget, layers, tensor, gate + 1);
    });
  }
  return pressure;
}

/** The layers with another number of bits for one tensor. */
export function withBits(
  layers: readonly LayerPrecision[],
  { layer, role }: LearnedTensor,
  bits: number,
): readonly LayerPrecision[] {
  return layers.with(layer, { ...(layers[layer] as LayerPrecision), [BITS_OF[role]]: bits });
}

export const bitsOf = (layers: readonly LayerPrecision[], { layer, role }: LearnedTensor): number =>
  (layers[layer] as LayerPrecision)[BITS_OF[role]];

/**
 * Closes gates until every budget is met: each time the one with the smallest score among those that save of a budget that is
 * exceeded. `scoreOf` is ĝ of the tensor's gate, from 0. Undefined when the fewest bits still exceed a budget.
 */
export function closeGates(
  budgets: readonly BitBudget[],
  start: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  least: number,
  scoreOf: (row: number, gate: number) => number,
): readonly LayerPrecision[] | undefined {
  let layers = start;
  for (;;) {
    const exceeded = budgets.filter((budget) => usageOf(budget, layers) > 1);
    if (exceeded.length === 0) return layers;
    const found = cheapestGate(exceeded, layers, tensors, least, scoreOf);
    if (found === undefined) return undefined;
    layers = withBits(layers, found, bitsOf(layers, found) - 1);
  }
}

/** Opens gates, the next of the tensor with the highest score first, as long as every budget stays met. */
export function openGates(
  budgets: readonly BitBudget[],
  start: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  most: number,
  scoreOf: (row: number, gate: number) => number,
): readonly LayerPrecision[] {
  let layers = start;
  const open = new Set(tensors.keys());
  while (open.size > 0) {
    const scored = [...open].map((row) => ({ row, bits: bitsOf(layers, tensors[row] as LearnedTensor) }));
    const { row, bits } = scored.reduce((best, next) =>
      scoreOf(next.row, next.bits) > scoreOf(best.row, best.bits) ? next : best,
    );
    const wider = bits < most ? withBits(layers, tensors[row] as LearnedTensor, bits + 1) : undefined;
    if (wider !== undefined && budgets.every((budget) => usageOf(budget, wider) <= 1)) layers = wider;
    else open.delete(row);
  }
  return layers;
}

function cheapestGate(
  exceeded: readonly BitBudget[],
  layers: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  least: number,
  scoreOf: (row: number, gate: number) => number,
): LearnedTensor | undefined {
  let best: { readonly tensor: LearnedTensor; readonly price: number } | undefined;
  tensors.forEach((tensor, row) => {
    const bits = bitsOf(layers, tensor);
    if (bits <= least) return;
    const saved = exceeded.reduce((sum, budget) => sum + savingOf(budget, layers, tensor, bits), 0);
    // A bit that saves nothing may be between the layer and one that does, so it goes last, not never.
    const price = saved > 0 ? scoreOf(row, bits - 1) : Number.MAX_VALUE;
    if (best === undefined || price < best.price) best = { tensor, price };
  });
  return best?.tensor;
}
