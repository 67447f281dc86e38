import type { Layer } from '../network/layers.js';
import type { LayerPrecision, PrecisionPolicy, QuantizationScheme } from './policy.js';

/** What a layer may use, ascending; a pinned layer has one choice. */
export type LayerChoices = { readonly weightBits: readonly number[]; readonly activationBits: readonly number[] };

/** The policies that a search may propose: the choices of each layer, and the scheme shared by all. */
export type PrecisionSpace = QuantizationScheme & { readonly layers: readonly LayerChoices[] };

/** Layers kept at 8 bits: `first-last` (weights and activations of the first and the last layer, as HAQ does) or none. */
export type PinRule = 'first-last' | 'none';

export type PrecisionSpaceOptions = QuantizationScheme & {
  /** Ascending choices for layers that are not pinned. */
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  readonly pin: PinRule;
};

/** Gives each layer its choices. */
export function createPrecisionSpace(layers: readonly Layer[], options: PrecisionSpaceOptions): PrecisionSpace {
  const { weightQuantizer, granularity, pin } = options;
  const pinned = { weightBits: [8], activationBits: options.activationBits.includes(32) ? [32] : [8] };
  const free = { weightBits: options.weightBits, activationBits: options.activationBits };
  const isPinned = (index: number) => pin === 'first-last' && (index === 0 || index === layers.length - 1);
  return { weightQuantizer, granularity, layers: layers.map((_, index) => (isPinned(index) ? pinned : free)) };
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

/** Whether every layer of the policy uses one of its choices. */
export function isInSpace(space: PrecisionSpace, policy: PrecisionPolicy): boolean {
  return (
    policy.layers.length === space.layers.length &&
    policy.layers.every(
      ({ weightBits, activationBits }, index) =>
        space.layers[index]?.weightBits.includes(weightBits) === true &&
        space.layers[index]?.activationBits.includes(activationBits) === true,
    )
  );
}

function mapSpace(space: PrecisionSpace, choose: (choices: LayerChoices) => LayerPrecision): PrecisionPolicy {
  const { weightQuantizer, granularity } = space;
  return { weightQuantizer, granularity, layers: space.layers.map(choose) };
}
