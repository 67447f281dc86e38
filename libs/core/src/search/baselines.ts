import { fitsBudget } from '../cost/budget.js';
import type { PrecisionPolicy } from '../policy/policy.js';
import { uniformInSpace } from '../policy/precision-space.js';
import type { PreparedSearch } from './prepare-search.js';

/**
 * A control that every search runs: `float`, `uniform-8`, `uniform-6` and `uniform-4` where there are such widths, and
 * the uniform policy that fits.
 */
export type Baseline = { readonly origin: string; readonly policy: PrecisionPolicy | undefined };

const REFERENCE_BITS = 8;
const SHOWN_BITS = [REFERENCE_BITS, 6, 4];

/** The controls, each once. Uniform policies keep the pinned layers, as every policy of the search does. */
export function baselinesOf(search: PreparedSearch): readonly Baseline[] {
  const fitting = fittingUniformBits(search);
  const shown = SHOWN_BITS.filter((width) => width === REFERENCE_BITS || isOffered(search, width));
  const bits = [...new Set([...shown, ...(fitting === undefined ? [] : [fitting])])].sort((a, b) => b - a);
  const uniform = bits.map((width) => ({ origin: uniformOrigin(width), policy: uniformInSpace(search.space, width) }));
  return [{ origin: 'float', policy: undefined }, ...uniform];
}

/** The most bits that, used everywhere, fit the budget; undefined when none do. */
export function fittingUniformBits(search: PreparedSearch): number | undefined {
  const widths = [8, 7, 6, 5, 4, 3, 2, 1].filter((bits) => isOffered(search, bits));
  return widths.find((bits) => fitsBudget(search.cost(uniformInSpace(search.space, bits)), search.constraints));
}

/** Choices round down: a width that no layer has would be the control of a lower one, under a wrong name. */
function isOffered({ space }: PreparedSearch, bits: number): boolean {
  return space.layers.some(
    ({ weightBits, activationBits }) => weightBits.includes(bits) || activationBits.includes(bits),
  );
}

export const uniformOrigin = (bits: number) => `uniform-${bits}`;
