import { activationDecision, type Bits } from '../allocation/decisions.js';
import { fittingBits } from '../allocation/fitting-bits.js';
import type { Pricing } from '../allocation/pricing.js';
import type { Compat } from './compat.js';

export type WallCompat = Pick<Compat, 'rawInputAsSevenBits' | 'pinOnlyOverBudget'>;

/**
 * HAQ's budget enforcement: while the policy exceeds the budget, sweep from the last layer to the first and lower the
 * activations, then the weights of each by one choice, stopping as soon as it fits. Pinned layers have one choice and
 * stay, as does what no constraint depends on: activations where only the size is limited. When a sweep can lower nothing,
 * the policy that is known to fit stands in. Changes and returns `bits`; throws `BUDGET_INFEASIBLE` when none is.
 */
export function actionWall(pricing: Pricing, bits: Bits): Bits {
  // The sum of shares is the cheap question; the problem's own price has the last word.
  const isDone = sweepDown(bits, pricing.limitedChoices, () => isWithin(pricing, bits) && pricing.fits(bits));
  if (!isDone) bits.set(fittingBits(pricing));
  return bits;
}

/**
 * The wall with the reference's quirks: may leave a policy that only they call feasible, and one that does not fit
 * where the reference, whose pins stop it from getting there, would sweep for ever.
 */
export function referenceWall(pricing: Pricing, bits: Bits, compat: WallCompat): Bits {
  if (compat.pinOnlyOverBudget && isWithin(pricing, bits)) return bits;
  const choices = compat.pinOnlyOverBudget ? pinFirstAndLast(pricing, bits) : pricing.choices;
  const input = activationDecision(0);
  const readsSeven = compat.rawInputAsSevenBits && pricing.choices[input]?.includes(7) === true;
  sweepDown(bits, choices, () => {
    const priced = bits.slice();
    if (readsSeven && bits[input] === 8) priced[input] = 7;
    return isWithin(pricing, priced);
  });
  return bits;
}

const isWithin = (pricing: Pricing, bits: Bits) => pricing.total(bits).every((share) => share <= 1);

/** Lowers until the policy fits; false when nothing is left to lower. */
function sweepDown(bits: Bits, choices: Pricing['choices'], fits: () => boolean): boolean {
  let lowered = true;
  while (lowered) {
    if (fits()) return true;
    lowered = false;
    for (const decision of sweepOrder(bits.length)) {
      const lower = nextLower(choices[decision] as readonly number[], bits[decision] as number);
      if (lower === undefined) continue;
      bits[decision] = lower;
      lowered = true;
      if (fits()) return true;
    }
  }
  return false;
}

/** From the last layer to the first, activations before weights: the walk's order backwards. */
const sweepOrder = (count: number) => Array.from({ length: count }, (_, index) => count - 1 - index);

const nextLower = (choices: readonly number[], bits: number) => choices.findLast((choice) => choice < bits);

function pinFirstAndLast({ choices }: Pricing, bits: Bits): Pricing['choices'] {
  return choices.map((values, decision) => {
    const isOutermost = decision < 2 || decision >= choices.length - 2;
    if (!isOutermost || !values.includes(8)) return values;
    bits[decision] = 8;
    return [8];
  });
}
