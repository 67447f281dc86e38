import { setImmediate } from 'node:timers/promises';
import { activationDecision, type Bits, weightDecision } from './decisions.js';
import { fillBudget, STEPS_AT_ONCE } from './fill-budget.js';
import { fittingBits } from './fitting-bits.js';
import { addTo, type Pricing, pairPriceChange } from './pricing.js';
import type { NoiseModel } from './quantization-noise.js';

/** Bits of one layer's weights and of its activations. */
type Pair = readonly [weightBits: number, activationBits: number];

type Move = { readonly layer: number; readonly to: Pair; readonly change: Float64Array; readonly value: number };

/**
 * Walks down from the most bits that have a price: each step takes the bits from where the budget gains most per noise that
 * the step adds, until the policy fits; what is then left of the budget is spent. With several constraints, only those
 * that are over count as gain.
 */
export async function marginalPolicy(pricing: Pricing, noise: NoiseModel, sensitivities: Float64Array): Promise<Bits> {
  const bits = mostPricedBits(pricing);
  const total = pricing.total(bits);
  let over = exceeded(total);
  const bestOf = (layer: number) => bestMove(pricing, noise, sensitivities, bits, layer, over);
  const allMoves = () => Array.from({ length: pricing.choices.length / 2 }, (_, layer) => bestOf(layer));
  let moves = allMoves();
  for (let steps = 1; !isWithin(total) || !pricing.fits(bits); steps += 1) {
    const move = strongest(moves);
    if (move === undefined) return fittingBits(pricing);
    [bits[weightDecision(move.layer)], bits[activationDecision(move.layer)]] = move.to;
    addTo(total, move.change);
    const before = over;
    over = exceeded(total);
    // A move changes the prices of its own layer only, unless other constraints are exceeded now.
    if (over.every((value, k) => value === before[k])) moves[move.layer] = bestOf(move.layer);
    else moves = allMoves();
    if (steps % STEPS_AT_ONCE === 0) await setImmediate();
  }
  return fillBudget(pricing, noise, sensitivities, bits);
}

/** Of each layer the pair with the most bits that the hardware can run: where it has no float, float costs without end. */
function mostPricedBits({ choices, constraints, share }: Pricing): Bits {
  const bits = Uint8Array.from(choices, (values) => values[0] as number);
  const isPriced = (layer: number, [weightBits, activationBits]: Pair) =>
    Array.from({ length: constraints }, (_, k) => share(k, layer, weightBits, activationBits)).every(Number.isFinite);
  for (let layer = 0; layer < bits.length / 2; layer += 1) {
    const [weights, activations] = [weightDecision(layer), activationDecision(layer)];
    const pairs = (choices[weights] ?? []).flatMap((weight) =>
      (choices[activations] ?? []).map((activation): Pair => [weight, activation]),
    );
    const most = pairs.sort((a, b) => b[0] + b[1] - a[0] - a[1]).find((pair) => isPriced(layer, pair));
    if (most !== undefined) [bits[weights], bits[activations]] = most;
  }
  return bits;
}

const isWithin = (total: Float64Array) => total.every((share) => share <= 1);

/** The constraints to save on: those exceeded, or all where only rounding keeps the policy from fitting. */
function exceeded(total: Float64Array): readonly boolean[] {
  const within = isWithin(total);
  return [...total].map((share) => within || share > 1);
}

/**
 * The step down in one layer that saves most of the exceeded constraints per noise added; steps may skip choices. Where
 * neither decision saves anything alone, as on hardware that runs both at the wider one, both go down together: so a
 * step is left as long as the fewest bits would fit.
 */
function bestMove(
  pricing: Pricing,
  noise: NoiseModel,
  sensitivities: Float64Array,
  bits: Bits,
  layer: number,
  over: readonly boolean[],
): Move | undefined {
  const [weights, activations] = [weightDecision(layer), activationDecision(layer)];
  const [weightBits, activationBits] = [bits[weights] as number, bits[activations] as number];
  const added = (decision: number, to: number) =>
    (sensitivities[decision] as number) * (noise(decision, to) - noise(decision, bits[decision] as number));
  const toMove = (to: Pair): Move | undefined => {
    const change = pairPriceChange(pricing, bits, layer, ...to);
    const saved = change.reduce((sum, value, k) => (over[k] === true ? sum - value : sum), 0);
    const value = saved / (added(weights, to[0]) + added(activations, to[1]) + 1e-12);
    return saved > 0 ? { layer, to, change, value } : undefined;
  };
  const fewerWeightBits = choicesBelow(pricing, bits, weights);
  const fewerActivationBits = choicesBelow(pricing, bits, activations);
  const alone = [
    ...fewerWeightBits.map((fewer): Pair => [fewer, activationBits]),
    ...fewerActivationBits.map((fewer): Pair => [weightBits, fewer]),
  ];
  const together = () => fewerWeightBits.flatMap((weight) => fewerActivationBits.map((fewer): Pair => [weight, fewer]));
  return strongest(alone.map(toMove)) ?? strongest(together().map(toMove));
}

function choicesBelow({ choices }: Pricing, bits: Bits, decision: number): readonly number[] {
  return (choices[decision] as readonly number[]).filter((choice) => choice < (bits[decision] as number));
}

function strongest(moves: readonly (Move | undefined)[]): Move | undefined {
  let best: Move | undefined;
  for (const move of moves) if (move !== undefined && (best === undefined || move.value > best.value)) best = move;
  return best;
}
