import { type CostTable, costCell, hasCell } from '../cost/cost-table.js';
import { FLOAT_BITS, type LayerPrecision, type PrecisionPolicy } from './policy.js';
import type { LayerChoices, PrecisionSpace } from './precision-space.js';

/**
 * The choices that the hardware has kernels for: widths that occur in no pair of the table go, and `pairs` stays where
 * not every combination of the others is there. Float that the table does not price at all (a weights-only search) stays
 * as asked, as does a layer that does not count and has no costs. Throws `unsupported` for a layer that no pair is left
 * of, with the hardware's reason.
 */
export function withKernels(choices: LayerChoices, table: CostTable, layer: number): LayerChoices {
  const asked = pairsOf(choices);
  const pairs = asked.filter((pair) => hasKernel(table, layer, pair));
  if (pairs.length === asked.length) return choices;
  if (pairs.length === 0) {
    if (table.counted[layer] !== true) return choices;
    const { weightBits, activationBits } = asked.at(-1) as LayerPrecision;
    costCell(table, layer, weightBits, activationBits);
  }
  const left = (key: keyof LayerPrecision) => choices[key].filter((bits) => pairs.some((pair) => pair[key] === bits));
  const [weightBits, activationBits] = [left('weightBits'), left('activationBits')];
  const isComplete = pairs.length === weightBits.length * activationBits.length;
  return isComplete ? { weightBits, activationBits } : { weightBits, activationBits, pairs };
}

/** The combinations that a layer may use, from the narrowest weights up. */
export function pairsOf({ weightBits, activationBits, pairs }: LayerChoices): readonly LayerPrecision[] {
  return (
    pairs ??
    weightBits.flatMap((weight) => activationBits.map((bits) => ({ weightBits: weight, activationBits: bits })))
  );
}

function hasKernel(table: CostTable, layer: number, { weightBits, activationBits }: LayerPrecision): boolean {
  const isUnpriced = (bits: number, priced: readonly number[]) => bits === FLOAT_BITS && !priced.includes(FLOAT_BITS);
  if (isUnpriced(weightBits, table.weightBits) || isUnpriced(activationBits, table.activationBits)) return true;
  return hasCell(table, layer, { weightBits, activationBits });
}

/** Whether policies of a space may be widened, so that several become one. */
export function mayWiden({ layers }: PrecisionSpace): boolean {
  return layers.some(({ pairs }) => pairs !== undefined);
}

/** The same policy with every layer at a pair that there are kernels for: the narrowest that is at least as wide. */
export function widenToKernels(space: PrecisionSpace, policy: PrecisionPolicy): PrecisionPolicy {
  if (!mayWiden(space)) return policy;
  const layers = policy.layers.map((precision, index) => widenPair(space.layers[index]?.pairs, precision));
  return { ...policy, layers };
}

/** Where nothing is as wide, the widest pair there is. */
export function widenPair(pairs: readonly LayerPrecision[] | undefined, asked: LayerPrecision): LayerPrecision {
  if (pairs === undefined) return asked;
  const ascending = [...pairs].sort((a, b) => widthOf(a) - widthOf(b));
  return ascending.find((pair) => isAsWide(pair, asked)) ?? (ascending.at(-1) as LayerPrecision);
}

/** In both operands. */
export const isAsWide = (pair: LayerPrecision, asked: LayerPrecision): boolean =>
  pair.weightBits >= asked.weightBits && pair.activationBits >= asked.activationBits;

const widthOf = ({ weightBits, activationBits }: LayerPrecision) => weightBits * activationBits;
