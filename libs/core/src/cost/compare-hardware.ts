import { invalidField } from '../errors.js';
import type { Layer } from '../network/layers.js';
import { DEFAULT_SCHEME, type LayerPrecision, type PrecisionPolicy } from '../policy/policy.js';
import type { RandomSource } from '../ports/random-source.js';
import { type CostTable, hasCell } from './cost-table.js';
import { explainPolicy, type LayerStanding } from './layer-standing.js';
import { createPolicyPricer, type PolicyCost } from './policy-cost.js';
import { rankCorrelation } from './rank-correlation.js';

export type LayerComparison = {
  readonly layer: Layer;
  readonly weightBits: number;
  readonly activationBits: number;
  readonly first: LayerStanding;
  readonly second: LayerStanding;
};

/** Two targets by the same network and policies. */
export type HardwareComparison = {
  readonly first: string;
  readonly second: string;
  /** Policies drawn at random from the bits that both have. */
  readonly policies: number;
  /** Spearman's, over these policies: whether both targets put them in the same order. Undefined where they cannot tell. */
  readonly latencyCorrelation: number | undefined;
  readonly energyCorrelation: number | undefined;
  readonly layers: readonly LayerComparison[];
};

export type ComparisonOptions = {
  /** The policy by which layers are compared. */
  readonly policy: PrecisionPolicy;
  readonly policies: number;
  readonly random: RandomSource;
};

/** Throws `invalid_argument` when the targets share no bits, `unsupported` when one of them cannot run the policy. */
export function compareHardware(
  layers: readonly Layer[],
  first: CostTable,
  second: CostTable,
  { policy, policies, random }: ComparisonOptions,
): HardwareComparison {
  const drawn = drawPolicies(sharedPairs(layers, first, second), policies, random);
  const costsOf = (table: CostTable): readonly PolicyCost[] => drawn.map(createPolicyPricer(layers, table));
  const [costsFirst, costsSecond] = [costsOf(first), costsOf(second)];
  const [standingsFirst, standingsSecond] = [
    explainPolicy(layers, first, policy),
    explainPolicy(layers, second, policy),
  ];
  return {
    first: first.hardware,
    second: second.hardware,
    policies,
    latencyCorrelation: correlationOf(costsFirst, costsSecond, ({ latencyMs }) => latencyMs),
    energyCorrelation: correlationOf(costsFirst, costsSecond, ({ energyMj }) => energyMj),
    layers: layers.map((layer, index) => ({
      layer,
      ...(policy.layers[index] as PrecisionPolicy['layers'][number]),
      first: standingsFirst[index] as LayerStanding,
      second: standingsSecond[index] as LayerStanding,
    })),
  };
}

type SharedBits = Pick<CostTable, 'weightBits' | 'activationBits'>;

/** Bits that both targets have. Throws `invalid_argument` when there are none. */
export function sharedBits(first: CostTable, second: CostTable): SharedBits {
  const shared = (key: keyof SharedBits) => {
    const bits = first[key].filter((width) => second[key].includes(width));
    if (bits.length > 0) return bits;
    const found = `${first.hardware} runs ${first[key].join(', ')} bit, ${second.hardware} ${second[key].join(', ')}`;
    throw invalidField('hardware', `${found}; there is no policy that both can run`, 'BITS_UNSUPPORTED');
  };
  return { weightBits: shared('weightBits'), activationBits: shared('activationBits') };
}

/** The pairs of bits at which both can run each layer. Throws `invalid_argument` for a layer that has none. */
function sharedPairs(
  layers: readonly Layer[],
  first: CostTable,
  second: CostTable,
): readonly (readonly LayerPrecision[])[] {
  const { weightBits, activationBits } = sharedBits(first, second);
  const pairs = weightBits.flatMap((weight) =>
    activationBits.map((bits) => ({ weightBits: weight, activationBits: bits })),
  );
  return layers.map(({ index, name }) => {
    const shared = pairs.filter((pair) => [first, second].every((table) => hasCell(table, index, pair)));
    if (shared.length > 0) return shared;
    const message = `layer ${index} (${name}) has no pair of bits that both ${first.hardware} and ${second.hardware} can run`;
    throw invalidField('hardware', message, 'BITS_UNSUPPORTED');
  });
}

function drawPolicies(
  pairs: readonly (readonly LayerPrecision[])[],
  count: number,
  random: RandomSource,
): PrecisionPolicy[] {
  const drawLayer = (choices: readonly LayerPrecision[]) => choices[random.integer(choices.length)] as LayerPrecision;
  return Array.from({ length: count }, () => ({ ...DEFAULT_SCHEME, layers: pairs.map(drawLayer) }));
}

function correlationOf<T>(first: readonly T[], second: readonly T[], figure: (cost: T) => number | undefined) {
  const [figuresFirst, figuresSecond] = [first.map(figure), second.map(figure)];
  const isKnown = (values: readonly (number | undefined)[]): values is number[] => !values.includes(undefined);
  return isKnown(figuresFirst) && isKnown(figuresSecond) ? rankCorrelation(figuresFirst, figuresSecond) : undefined;
}
