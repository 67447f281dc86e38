import { type LayerPrecision, pairsOf, shareOf } from '@bitwright/core';
import { activationDecision, type Bits, toPolicy, weightDecision } from '../allocation/decisions.js';
import type { Pricing } from '../allocation/pricing.js';
import {
  type Choice,
  type ChoiceProgram,
  type ChoiceSolution,
  type Exclusion,
  sumChosen,
  withoutPointless,
} from './choice-program.js';
import { rowPrices, solveChoices } from './solve-choices.js';

/** What a policy is worth, as a sum over layers. */
export type PolicyObjective = {
  readonly sense: ChoiceProgram['sense'];
  /** What a layer adds at a pair of bits. */
  readonly value: (layer: number, precision: LayerPrecision) => number;
  /** Pairs that a layer may use at all; every pair of the space unless given. */
  readonly allows?: ((layer: number, precision: LayerPrecision) => boolean) | undefined;
};

/** The program of one objective under a problem's budget. */
export type PolicyProgram = {
  readonly pricing: Pricing;
  readonly objective: PolicyObjective;
  /** The pairs of each layer, in the order of its choices. */
  readonly pairs: readonly (readonly LayerPrecision[])[];
  readonly groups: ChoiceProgram['groups'];
  /** What the cheapest policy takes of each limit; the shares of `groups` come on top. */
  readonly base: Float64Array;
  /** Of the whole budget, without exclusions; solved when it is first asked for, and once. */
  readonly solution: () => Promise<PolicySolution | undefined>;
};

export type PolicySolution = ChoiceSolution & { readonly bits: Bits };

export type SolveOptions = {
  /** The part of every limit that may be used, above 0 up to 1. */
  readonly budget?: number | undefined;
  readonly exclusions?: readonly Exclusion[] | undefined;
};

/** Pairs whose price is not known (float on hardware without float kernels) are left out where a budget asks for it. */
export function createPolicyProgram(pricing: Pricing, objective: PolicyObjective): PolicyProgram {
  const useful = pricing.problem.space.layers.map((choices, layer) => {
    const options = pairsOf(choices).map((pair) => ({ pair, choice: choiceOf(pricing, objective, layer, pair) }));
    const isAllowed = ({ pair, choice }: PricedPair) =>
      choice.shares.every(Number.isFinite) && (objective.allows?.(layer, pair) ?? true);
    return withoutIdleBits(options.filter(isAllowed), objective.sense);
  });
  const pairs = useful.map((options) => options.map(({ pair }) => pair));
  const groups = useful.map((options) => options.map(({ choice }) => choice));
  const first = Uint8Array.from(pricing.choices, (choices) => choices[0] as number);
  let solution: Promise<PolicySolution | undefined> | undefined;
  const program: PolicyProgram = {
    ...{ pricing, objective, pairs, groups, base: pricing.total(first) },
    solution: () => {
      solution ??= solvePolicy(program);
      return solution;
    },
  };
  return program;
}

type PricedPair = { readonly pair: LayerPrecision; readonly choice: Choice };

function choiceOf(pricing: Pricing, { value }: PolicyObjective, layer: number, pair: LayerPrecision): Choice {
  const { weightBits, activationBits } = pair;
  const rows = Array.from({ length: pricing.constraints }, (_, row) => row);
  return {
    value: value(layer, pair),
    shares: rows.map((row) => pricing.share(row, layer, weightBits, activationBits)),
  };
}

/**
 * Without fewer bits that save nothing, and without more that gain nothing: a policy that differs from another in these
 * alone is no neighbour worth a trial.
 */
function withoutIdleBits(options: readonly PricedPair[], sense: ChoiceProgram['sense']): readonly PricedPair[] {
  const choices = options.map(({ choice }) => choice);
  const isNested = (one: number, other: number) => {
    const [a, b] = [options[one] as PricedPair, options[other] as PricedPair];
    return (a.pair.weightBits - b.pair.weightBits) * (a.pair.activationBits - b.pair.activationBits) >= 0;
  };
  return withoutPointless(choices, sense, isNested).map((position) => options[position] as PricedPair);
}

/** Programs of hardware whose prices are no sums are solved again this often, each time under less. */
const TIGHTENINGS = 12;
/** The least by which a limit is tightened: sums of rounded shares may pass a limit by less. */
const LEAST_TIGHTENING = 1e-9;

/**
 * The best policy that fits by the problem's own price; undefined when there is none. Where the sum of the layers'
 * shares says that a policy fits and the problem's price does not, the limits are tightened by the difference.
 */
export async function solvePolicy(
  program: PolicyProgram,
  { budget = 1, exclusions = [] }: SolveOptions = {},
): Promise<PolicySolution | undefined> {
  const { groups, objective } = program;
  const { sense } = objective;
  let limits = limitsOf(program, budget);
  if (groups.some((choices) => choices.length === 0) || !limits.every(Number.isFinite)) return undefined;
  for (let attempt = 0; attempt < TIGHTENINGS; attempt += 1) {
    const solution = await solveChoices({ groups, limits, sense, exclusions });
    if (solution === undefined) return undefined;
    const bits = bitsOf(program, solution.chosen);
    if (program.pricing.fits(bits)) return { ...solution, bits };
    limits = tightened(program, limits, solution.chosen, bits);
  }
  return undefined;
}

/**
 * What the objective would gain from one per cent more of each limit, at least 0: by the duals of the linear relaxation,
 * which splits layers between two pairs. In the objective's unit, in the order of the problem's constraints.
 */
export async function shadowPrices(program: PolicyProgram): Promise<readonly number[] | undefined> {
  const { groups, objective } = program;
  const { sense } = objective;
  const prices = await rowPrices({ groups, sense, limits: limitsOf(program, 1), exclusions: [] });
  return prices?.map((price) => Math.max(0, (sense === 'minimise' ? -price : price) / 100));
}

const limitsOf = ({ base }: PolicyProgram, budget: number) => Array.from(base, (share) => budget - share);

function bitsOf({ pairs }: PolicyProgram, chosen: readonly number[]): Bits {
  return Uint8Array.from(
    pairs.flatMap((ofLayer, layer) => {
      const { weightBits, activationBits } = ofLayer[chosen[layer] as number] as LayerPrecision;
      return [weightBits, activationBits];
    }),
  );
}

/** The position of a policy's pair among those of each layer; -1 where it is none of them. */
export function chosenPairs(pairs: PolicyProgram['pairs'], bits: Bits): readonly number[] {
  return pairs.map((ofLayer, layer) =>
    ofLayer.findIndex(
      ({ weightBits, activationBits }) =>
        weightBits === bits[weightDecision(layer)] && activationBits === bits[activationDecision(layer)],
    ),
  );
}

/** Every limit that the policy really exceeds becomes what it seemed to take, less the excess. */
function tightened(program: PolicyProgram, limits: readonly number[], chosen: readonly number[], bits: Bits): number[] {
  const { problem } = program.pricing;
  const cost = problem.cost(toPolicy(problem.space, bits));
  return limits.map((limit, row) => {
    const constraint = problem.constraints[row];
    const excess = constraint === undefined ? 0 : shareOf(cost, constraint) - 1;
    if (excess <= 0) return limit;
    const seeming = sumChosen(program, chosen, ({ shares }) => shares[row] as number);
    return Math.min(limit, seeming) - Math.max(excess, LEAST_TIGHTENING);
  });
}
