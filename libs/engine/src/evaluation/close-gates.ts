import type { LayerPrecision } from '@bitwright/core';
import { atBits, atMost, type BitBudget, bitsOf, gainOf, type LearnedTensor, usageOf, withBits } from './bit-budget.js';

/** ĝ of a tensor's gate, from 0. */
type ScoreOf = (row: number, gate: number) => number;

/**
 * Closes gates until every budget is met: each time those with the smallest score among those that save of a budget that is
 * exceeded. Undefined when no gate that is left does.
 */
export function closeGates(
  budgets: readonly BitBudget[],
  start: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  least: number,
  scoreOf: ScoreOf,
): readonly LayerPrecision[] | undefined {
  let layers = start;
  for (;;) {
    const exceeded = budgets.filter((budget) => usageOf(budget, layers) > 1);
    if (exceeded.length === 0) return layers;
    const [first, ...others] = stepsDown(exceeded, layers, tensors, least).map((to) => ({
      to,
      score: scoreAgainst(layers, to, tensors, scoreOf),
    }));
    if (first === undefined) return undefined;
    layers = others.reduce((best, next) => (next.score < best.score ? next : best), first).to;
  }
}

/** The next fewer bits of each tensor that save something; of a layer with none, those of its two tensors together. */
function stepsDown(
  exceeded: readonly BitBudget[],
  layers: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  least: number,
): readonly (readonly LayerPrecision[])[] {
  const saves = (layer: number) => (to: LayerPrecision) =>
    gainOf(exceeded, layer, layers[layer] as LayerPrecision, to) > 0;
  const step = (layer: number, fewer: readonly LayerPrecision[]) => {
    const to = fewer.find(saves(layer));
    return to === undefined ? [] : [layers.with(layer, to)];
  };
  return [...new Set(tensors.map(({ layer }) => layer))].flatMap((layer) => {
    const now = layers[layer] as LayerPrecision;
    const own = tensors.filter((tensor) => tensor.layer === layer);
    const alone = own.flatMap((tensor) =>
      step(
        layer,
        bitsBelow(bitsOf(layers, tensor), least).map((bits) => atBits(now, tensor, bits)),
      ),
    );
    if (alone.length > 0 || own.length < 2) return alone;
    return step(
      layer,
      bitsBelow(Math.max(now.weightBits, now.activationBits), least).map((bits) => atMost(now, bits)),
    );
  });
}

const bitsBelow = (bits: number, least: number): readonly number[] =>
  Array.from({ length: Math.max(0, bits - least) }, (_, step) => bits - 1 - step);

/** A gate that closes takes those behind it along, so that the smallest score on the way counts; of two tensors, the larger. */
function scoreAgainst(
  from: readonly LayerPrecision[],
  to: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  scoreOf: ScoreOf,
): number {
  const scores = tensors.map((tensor, row) => {
    const [most, fewer] = [bitsOf(from, tensor), bitsOf(to, tensor)];
    const closed = Array.from({ length: most - fewer }, (_, gate) => scoreOf(row, fewer + gate));
    return closed.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...closed);
  });
  return Math.max(...scores);
}

/** Opens gates, the next of the tensor with the highest score first, as long as every budget stays met. */
export function openGates(
  budgets: readonly BitBudget[],
  start: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  most: number,
  scoreOf: ScoreOf,
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
