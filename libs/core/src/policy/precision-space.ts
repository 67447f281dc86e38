import type { CostTable } from '../cost/cost-table.js';
import type { Layer } from '../network/layers.js';
import { widenPair, withKernels } from './kernel-pairs.js';
import {
  FLOAT_BITS,
  type LayerPrecision,
  type PrecisionPolicy,
  type QuantizationScheme,
  schemeOf,
  uniformPolicy,
} from './policy.js';

/** Bits that there are, ascending, at least one for each. */
export type PrecisionWidths = { readonly weightBits: readonly number[]; readonly activationBits: readonly number[] };

/** What a layer may use; a pinned layer has one choice. */
export type LayerChoices = PrecisionWidths & {
  /** The combinations that the hardware has kernels for; absent where it has all of them. */
  readonly pairs?: readonly LayerPrecision[];
};

/** The policies that a search may propose: the choices of each layer, and the scheme shared by all. */
export type PrecisionSpace = QuantizationScheme & { readonly layers: readonly LayerChoices[] };

/** Layers kept at 8 bits: `first-last` (weights and activations of the first and the last layer, as HAQ does) or none. */
export type PinRule = 'first-last' | 'none';

/** Whether the rule keeps a layer, of so many, at 8 bits. */
export const isPinned = (index: number, layerCount: number, pin: PinRule): boolean =>
  pin === 'first-last' && (index === 0 || index === layerCount - 1);

/** `bits` for weights and activations of every layer, 8 where the rule keeps them. */
export function pinnedUniformPolicy(layerCount: number, bits: number, pin: PinRule): PrecisionPolicy {
  const { layers, ...scheme } = uniformPolicy(layerCount, bits);
  const pinned = { weightBits: 8, activationBits: 8 };
  return { ...scheme, layers: layers.map((layer, index) => (isPinned(index, layerCount, pin) ? pinned : layer)) };
}

export type PrecisionSpaceOptions = QuantizationScheme & {
  /** Ascending choices for layers that are not pinned. */
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  readonly pin: PinRule;
  /** Leaves out what one of the targets has no kernels for. */
  readonly tables?: readonly CostTable[] | undefined;
};

/** The activations that go with 8-bit weights: float in a search for weights only. */
export function eightBitActivations(choices: readonly number[]): number {
  return choices.includes(FLOAT_BITS) && !choices.includes(8) ? FLOAT_BITS : 8;
}

/** Gives each layer its choices. Throws `unsupported` for a layer that the tables leave none. */
export function createPrecisionSpace(layers: readonly Layer[], options: PrecisionSpaceOptions): PrecisionSpace {
  const { pin, tables = [] } = options;
  const pinned = { weightBits: [8], activationBits: [eightBitActivations(options.activationBits)] };
  const free = { weightBits: options.weightBits, activationBits: options.activationBits };
  const choicesOf = (index: number): LayerChoices => {
    const asked: LayerChoices = isPinned(index, layers.length, pin) ? pinned : free;
    return tables.reduce((choices, table) => withKernels(choices, table, index), asked);
  };
  return { ...schemeOf(options), layers: layers.map((_, index) => choicesOf(index)) };
}

/** The cheapest policy of a space: the fewest bits everywhere. */
export function smallestPolicy(space: PrecisionSpace): PrecisionPolicy {
  return mapSpace(space, (choices) => ({
    weightBits: Math.min(...choices.weightBits),
    activationBits: Math.min(...choices.activationBits),
  }));
}

/** The nearest policy in the space to "`weightBits`/`activationBits` everywhere": pins hold, choices round down. */
export function uniformInSpace(
  space: PrecisionSpace,
  weightBits: number,
  activationBits = weightBits,
): PrecisionPolicy {
  return mapSpace(space, (choices) => ({
    weightBits: nearestChoice(choices.weightBits, weightBits),
    activationBits: nearestChoice(choices.activationBits, activationBits),
  }));
}

/** The highest choice not above `bits`, or the lowest choice there is. */
export function nearestChoice(choices: readonly number[], bits: number): number {
  const below = choices.filter((choice) => choice <= bits);
  return below.length > 0 ? Math.max(...below) : Math.min(...choices);
}

/** The lowest choice that is at least `bits`, or the highest there is. */
export function widerChoice(choices: readonly number[], bits: number): number {
  const wide = choices.filter((choice) => choice >= bits);
  return wide.length > 0 ? Math.min(...wide) : Math.max(...choices);
}

/** Each at its {@link widerChoice}. */
export const widerPrecision = (widths: PrecisionWidths, { weightBits, activationBits }: LayerPrecision) => ({
  weightBits: widerChoice(widths.weightBits, weightBits),
  activationBits: widerChoice(widths.activationBits, activationBits),
});

/** Every width that some layer may be quantized to, ascending: float is none. */
export function quantizedWidths({ layers }: PrecisionSpace, role: keyof PrecisionWidths): readonly number[] {
  const widths = new Set(layers.flatMap((choices) => choices[role]));
  return [...widths].filter((bits) => bits !== FLOAT_BITS).sort((a, b) => a - b);
}

/** Whether every layer of the policy uses one of its choices, in a combination that there are kernels for. */
export function isInSpace(space: PrecisionSpace, policy: PrecisionPolicy): boolean {
  return (
    policy.layers.length === space.layers.length &&
    policy.layers.every(
      ({ weightBits, activationBits }, index) =>
        space.layers[index]?.weightBits.includes(weightBits) === true &&
        space.layers[index]?.activationBits.includes(activationBits) === true &&
        isKernel(space.layers[index]?.pairs, { weightBits, activationBits }),
    )
  );
}

const isKernel = (pairs: LayerChoices['pairs'], { weightBits, activationBits }: LayerPrecision) =>
  pairs?.some((pair) => pair.weightBits === weightBits && pair.activationBits === activationBits) ?? true;

function mapSpace(space: PrecisionSpace, choose: (choices: LayerChoices) => LayerPrecision): PrecisionPolicy {
  return {
    ...schemeOf(space),
    layers: space.layers.map((choices) => widenPair(choices.pairs, choose(choices))),
  };
}
