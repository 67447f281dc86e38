import type { StrategyControl } from '@bitwright/core';
import { type Bits, decisionChoices, meanWeightBits, toPolicy, weightDecision } from '../allocation/decisions.js';
import { createPricing, type Pricing } from '../allocation/pricing.js';
import { activationWidths } from '../ompq/activation-widths.js';
import { referenceWeights, withActivations } from '../ompq/reference-policy.js';

/** The projection by size as a control: what a strategy that knows nothing but how many weights a layer has would do. */
export const SIZE_PROJECTION: StrategyControl = {
  origin: 'size-projection',
  policyFor: async (problem) => {
    const bits = await sizeProjection(await createPricing(problem));
    return bits && toPolicy(problem.space, bits);
  },
};

/** Halvings of the size: to a thousandth of it. */
const HALVINGS = 10;

/**
 * The projection by size under any budget: weight bits nearest to "the most everywhere" within a size, with one
 * width for all activations, both as large as the budget allows. Of the widths, the one that leaves the narrower of the
 * two widest. Undefined where none fits.
 */
export async function sizeProjection(pricing: Pricing): Promise<Bits | undefined> {
  let best: { readonly bits: Bits; readonly narrowest: number } | undefined;
  for (const width of activationWidths(pricing.problem.space, undefined)) {
    const bits = await largestFitting(pricing, width);
    if (bits === undefined) continue;
    const narrowest = Math.min(width, meanWeightBits(bits));
    if (best === undefined || narrowest > best.narrowest) best = { bits, narrowest };
  }
  return best?.bits;
}

/** By bisection between the sizes of the fewest and of the most bits. */
async function largestFitting({ problem, fits }: Pricing, width: number): Promise<Bits | undefined> {
  const at = async (sizeBits: number) => {
    const weights = await referenceWeights(problem, sizeBits);
    const bits = weights && withActivations(problem, weights, width);
    return bits !== undefined && fits(bits) ? bits : undefined;
  };
  const choices = decisionChoices(problem.space);
  const sizeOf = (of: (widths: readonly number[]) => number) =>
    problem.layers.reduce((sum, { weights }, layer) => sum + weights * of(choices[weightDecision(layer)] ?? []), 0);
  let [low, high] = [sizeOf((widths) => widths[0] ?? 0), sizeOf((widths) => widths.at(-1) ?? 0)];
  let found = (await at(high)) ?? (await at(low));
  for (let step = 0; step < HALVINGS && found !== undefined; step += 1) {
    const middle = (low + high) / 2;
    const bits = await at(middle);
    if (bits === undefined) high = middle;
    else [low, found] = [middle, bits];
  }
  return found;
}
