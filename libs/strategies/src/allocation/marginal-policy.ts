import { setImmediate } from 'node:timers/promises';
import { budgetInfeasible } from './budget-infeasible.js';
import { type Bits, layerOf } from './decisions.js';
import { fillBudget, STEPS_AT_ONCE } from './fill-budget.js';
import { addTo, type Pricing, priceChange } from './pricing.js';
import type { NoiseModel } from './quantization-noise.js';

type Move = { readonly decision: number; readonly to: number; readonly change: Float64Array; readonly value: number };

/**
 * Walks down from the most bits everywhere: each step takes the bits from where the budget gains most per noise that
 * the step adds, until the policy fits; what is then left of the budget is spent. With several constraints, only those
 * that are over count as gain.
 */
export async function marginalPolicy(pricing: Pricing, noise: NoiseModel, sensitivities: Float64Array): Promise<Bits> {
  const bits = Uint8Array.from(pricing.choices, (choices) => choices.at(-1) as number);
  const total = pricing.total(bits);
  let over = exceeded(total);
  const bestOf = (layer: number) => bestMove(pricing, noise, sensitivities, bits, layer, over);
  const allMoves = () => Array.from({ length: pricing.choices.length / 2 }, (_, layer) => bestOf(layer));
  let moves = allMoves();
  for (let steps = 1; !isWithin(total) || !pricing.fits(bits); steps += 1) {
    const move = strongest(moves);
    if (move === undefined) throw budgetInfeasible();
    bits[move.decision] = move.to;
    addTo(total, move.change);
    const before = over;
    over = exceeded(total);
    // A move changes the prices of its own layer only, unless other constraints are exceeded now.
    if (over.every((value, k) => value === before[k])) moves[layerOf(move.decision)] = bestOf(layerOf(move.decision));
    else moves = allMoves();
    if (steps % STEPS_AT_ONCE === 0) await setImmediate();
  }
  return fillBudget(pricing, noise, sensitivities, bits);
}

const isWithin = (total: Float64Array) => total.every((share) => share <= 1);

/** The constraints to save on: those exceeded, or all where only rounding keeps the policy from fitting. */
function exceeded(total: Float64Array): readonly boolean[] {
  const within = isWithin(total);
  return [...total].map((share) => within || share > 1);
}

/** The step down in one layer that saves most of the exceeded constraints per noise added; steps may skip choices. */
function bestMove(
  pricing: Pricing,
  noise: NoiseModel,
  sensitivities: Float64Array,
  bits: Bits,
  layer: number,
  over: readonly boolean[],
): Move | undefined {
  let best: Move | undefined;
  for (const decision of [2 * layer, 2 * layer + 1]) {
    const from = bits[decision] as number;
    for (const to of pricing.choices[decision] as readonly number[]) {
      if (to >= from) break;
      const change = priceChange(pricing, bits, decision, to);
      const saved = change.reduce((sum, value, k) => (over[k] === true ? sum - value : sum), 0);
      const added = (sensitivities[decision] as number) * (noise(decision, to) - noise(decision, from));
      const value = saved / (added + 1e-12);
      if (saved > 0 && (best === undefined || value > best.value)) best = { decision, to, change, value };
    }
  }
  return best;
}

function strongest(moves: readonly (Move | undefined)[]): Move | undefined {
  let best: Move | undefined;
  for (const move of moves) if (move !== undefined && (best === undefined || move.value > best.value)) best = move;
  return best;
}
