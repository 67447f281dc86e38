import { setImmediate } from 'node:timers/promises';
import { fitsBudget, type SearchProblem, shareOf } from '@bitwright/core';
import {
  activationDecision,
  type Bits,
  decisionChoices,
  isWeight,
  layerOf,
  toPolicy,
  weightDecision,
} from './decisions.js';

/**
 * What each layer adds to each constrained metric, so that changing one layer's bits is priced without pricing the
 * network again. Shares are fractions of the constraint's limit: a policy fits when each constraint's sum is at most 1.
 */
export type Pricing = {
  readonly problem: SearchProblem;
  readonly choices: readonly (readonly number[])[];
  /** Those of what a constraint depends on, and none of anything else. */
  readonly limitedChoices: readonly (readonly number[])[];
  readonly constraints: number;
  /** A layer's share of a constraint at a pair of bits. */
  share(constraint: number, layer: number, weightBits: number, activationBits: number): number;
  /** All layers' shares, per constraint. */
  total(bits: Bits): Float64Array;
  /** Whether the policy meets every limit, by the problem's own price. */
  fits(bits: Bits): boolean;
};

/** Bits are 1..8, or 32 for float. */
const WIDTHS = 33;

const cellOf = (layer: number, weightBits: number, activationBits: number) =>
  (layer * WIDTHS + weightBits) * WIDTHS + activationBits;

/**
 * Probes the problem's price layer by layer. Prices are sums over layers (see `costOfPolicy`); should one not be, only
 * the guidance suffers: {@link Pricing.fits} asks the problem itself.
 */
export async function createPricing(problem: SearchProblem): Promise<Pricing> {
  const { space, constraints } = problem;
  const choices = decisionChoices(space);
  const base = Uint8Array.from(choices, (values) => values[0] as number);
  const baseShares = sharesOf(problem, base);
  const cells = constraints.map(() => new Float64Array(space.layers.length * WIDTHS * WIDTHS));
  for (let layer = 0; layer < space.layers.length; layer += 1) {
    probeLayer(problem, choices, base, layer, (weightBits, activationBits, shares) => {
      const cell = cellOf(layer, weightBits, activationBits);
      cells.forEach((cellsOfConstraint, k) => {
        cellsOfConstraint[cell] = (shares[k] as number) - (baseShares[k] as number);
      });
    });
    await setImmediate();
  }
  const share = (constraint: number, layer: number, weightBits: number, activationBits: number) =>
    (cells[constraint] as Float64Array)[cellOf(layer, weightBits, activationBits)] as number;
  return {
    problem,
    choices,
    limitedChoices: limitedChoices(choices, constraints.length, share),
    constraints: constraints.length,
    share,
    total: (bits) => totalShares(baseShares, share, bits),
    fits: (bits) => fitsBudget(problem.cost(toPolicy(space, bits)), constraints),
  };
}

function limitedChoices(
  choices: Pricing['choices'],
  constraints: number,
  share: Pricing['share'],
): Pricing['limitedChoices'] {
  const least = choices.map((values) => Math.min(...values));
  const isLimited = (decision: number) => {
    const layer = layerOf(decision);
    const sharesAt = (bits: number) => {
      const [weightBits, activationBits] = isWeight(decision)
        ? [bits, least[activationDecision(layer)] as number]
        : [least[weightDecision(layer)] as number, bits];
      return Array.from({ length: constraints }, (_, k) => share(k, layer, weightBits, activationBits));
    };
    const [first, ...others] = (choices[decision] as readonly number[]).map(sharesAt);
    return others.some((shares) => shares.some((value, k) => value !== first?.[k]));
  };
  return choices.map((values, decision) => (isLimited(decision) ? values : []));
}

/** The pricing of a problem, made when it is first asked for and again when the problem's prices were corrected. */
export function currentPricing(problem: SearchProblem): () => Promise<Pricing> {
  let made: { readonly version: number; readonly pricing: Promise<Pricing> } | undefined;
  return () => {
    const version = problem.priceVersion();
    if (made?.version !== version) made = { version, pricing: createPricing(problem) };
    return made.pricing;
  };
}

/** What changing one decision adds to each constraint's total. */
export function priceChange(pricing: Pricing, bits: Bits, decision: number, to: number): Float64Array {
  const layer = layerOf(decision);
  const weightBits = bits[weightDecision(layer)] as number;
  const activationBits = bits[activationDecision(layer)] as number;
  return isWeight(decision)
    ? pairPriceChange(pricing, bits, layer, to, activationBits)
    : pairPriceChange(pricing, bits, layer, weightBits, to);
}

/** What changing both decisions of one layer adds to each constraint's total. */
export function pairPriceChange(
  pricing: Pricing,
  bits: Bits,
  layer: number,
  newWeightBits: number,
  newActivationBits: number,
): Float64Array {
  const weightBits = bits[weightDecision(layer)] as number;
  const activationBits = bits[activationDecision(layer)] as number;
  const change = new Float64Array(pricing.constraints);
  for (let k = 0; k < change.length; k += 1) {
    change[k] =
      pricing.share(k, layer, newWeightBits, newActivationBits) - pricing.share(k, layer, weightBits, activationBits);
  }
  return change;
}

/** Adds a change to running totals. */
export function addTo(total: Float64Array, change: Float64Array): void {
  for (let k = 0; k < total.length; k += 1) total[k] = (total[k] as number) + (change[k] as number);
}

function sharesOf({ cost, space, constraints }: SearchProblem, bits: Bits): Float64Array {
  const price = cost(toPolicy(space, bits));
  return Float64Array.from(constraints, (constraint) => shareOf(price, constraint));
}

function probeLayer(
  problem: SearchProblem,
  choices: readonly (readonly number[])[],
  base: Bits,
  layer: number,
  found: (weightBits: number, activationBits: number, shares: Float64Array) => void,
): void {
  const bits = base.slice();
  for (const weightBits of choices[weightDecision(layer)] as readonly number[]) {
    for (const activationBits of choices[activationDecision(layer)] as readonly number[]) {
      bits[weightDecision(layer)] = weightBits;
      bits[activationDecision(layer)] = activationBits;
      found(weightBits, activationBits, sharesOf(problem, bits));
    }
  }
}

function totalShares(base: Float64Array, share: Pricing['share'], bits: Bits): Float64Array {
  return base.map((start, k) => {
    let sum = start;
    for (let layer = 0; layer < bits.length / 2; layer += 1) {
      sum += share(k, layer, bits[weightDecision(layer)] as number, bits[activationDecision(layer)] as number);
    }
    return sum;
  });
}
