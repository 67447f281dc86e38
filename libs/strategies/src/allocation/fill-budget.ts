import { setImmediate } from 'node:timers/promises';
import type { Bits } from './decisions.js';
import { addTo, type Pricing, priceChange } from './pricing.js';
import type { NoiseModel } from './quantization-noise.js';

/** Left unspent so that sums of rounded shares never pass a limit that the exact price does not. */
const MARGIN = 1e-9;
/** Steps between two pauses for the event loop. */
export const STEPS_AT_ONCE = 32;

/**
 * Spends what is left of the budget: raises the bits that remove the most noise for their price, again and again, until
 * none fit. Leaves `bits` alone.
 */
export async function fillBudget(
  pricing: Pricing,
  noise: NoiseModel,
  sensitivities: Float64Array,
  bits: Bits,
): Promise<Bits> {
  const filled = bits.slice();
  const total = pricing.total(filled);
  for (let steps = 1; ; steps += 1) {
    const raise = bestRaise(pricing, noise, sensitivities, filled, total);
    // The shares are guidance; should they and the problem's own price differ, what was given stays.
    if (raise === undefined) return pricing.fits(filled) ? filled : bits;
    filled[raise.decision] = raise.to;
    addTo(total, raise.change);
    if (steps % STEPS_AT_ONCE === 0) await setImmediate();
  }
}

type Raise = { readonly decision: number; readonly to: number; readonly change: Float64Array; readonly value: number };

function bestRaise(pricing: Pricing, noise: NoiseModel, sensitivities: Float64Array, bits: Bits, total: Float64Array) {
  let best: Raise | undefined;
  for (let decision = 0; decision < bits.length; decision += 1) {
    const from = bits[decision] as number;
    const to = (pricing.choices[decision] as readonly number[]).find((choice) => choice > from);
    if (to === undefined) continue;
    const change = priceChange(pricing, bits, decision, to);
    if (change.some((value, k) => (total[k] as number) + value > 1 - MARGIN)) continue;
    const removed = (sensitivities[decision] as number) * (noise(decision, from) - noise(decision, to));
    const price = change.reduce((sum, value) => sum + Math.max(0, value), 0);
    const value = removed / (price + 1e-12);
    if (best === undefined || value > best.value) best = { decision, to, change, value };
  }
  return best;
}
