import { DEFAULT_SCHEME, type PrecisionPolicy } from '../policy/policy.js';
import { type LayerChoices, type PrecisionSpace, uniformInSpace } from '../policy/precision-space.js';

/**
 * A control that every search runs: `float`, `uniform-8`, `uniform-6` and `uniform-4` where there are such widths, and
 * the uniform policy that fits.
 */
export type Baseline = { readonly origin: string; readonly policy: PrecisionPolicy | undefined };

/** The bits of pinned layers. */
const PINNED_BITS = 8;
const SHOWN_BITS = [8, 6, 4];

type Fits = (policy: PrecisionPolicy) => Promise<boolean>;

/**
 * The controls, each once. Uniform policies keep the pinned layers, as every policy of the search does. In a search for
 * points they have none: points must be better than doing without.
 */
export async function chooseBaselines(asked: PrecisionSpace, fits: Fits): Promise<readonly Baseline[]> {
  const { layers, granularity } = asked;
  const space = asked.weightQuantizer === 'multipoint' ? { ...DEFAULT_SCHEME, granularity, layers } : asked;
  const fitting = await fittingUniformBits(space, fits);
  const shown = SHOWN_BITS.filter((width) => isOffered(space, width));
  const bits = [...new Set([...shown, ...(fitting === undefined ? [] : [fitting])])].sort((a, b) => b - a);
  const uniform = bits.map((width) => ({ origin: `uniform-${width}`, policy: uniformInSpace(space, width) }));
  return [{ origin: 'float', policy: undefined }, ...uniform];
}

/** The most bits that, used everywhere, fit the budget; undefined when none do. */
async function fittingUniformBits(space: PrecisionSpace, fits: Fits): Promise<number | undefined> {
  for (const bits of [8, 7, 6, 5, 4, 3, 2, 1])
    if (isOffered(space, bits) && (await fits(uniformInSpace(space, bits)))) return bits;
  return undefined;
}

/**
 * Choices round down: a width that no layer has would be the control of a lower one, under a wrong name. Pinned layers
 * say nothing of it: they have 8 bits in every policy.
 */
function isOffered({ layers }: PrecisionSpace, bits: number): boolean {
  const free = layers.filter((layer) => !isKept(layer));
  return (free.length === 0 ? layers : free).some(
    ({ weightBits, activationBits }) => weightBits.includes(bits) || activationBits.includes(bits),
  );
}

/** Whether a layer has its 8 bits (activations perhaps in float) and no others. */
function isKept({ weightBits, activationBits }: LayerChoices): boolean {
  return [weightBits, activationBits].every((bits) => bits.length === 1 && (bits[0] as number) >= PINNED_BITS);
}
