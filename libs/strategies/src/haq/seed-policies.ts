import type { Layer, SensitivityMeasure } from '@bitwright/core';
import { type Bits, toBits } from '../allocation/decisions.js';
import { marginalPolicy } from '../allocation/marginal-policy.js';
import type { Pricing } from '../allocation/pricing.js';
import { type NoiseModel, sensitivitiesBy } from '../allocation/quantization-noise.js';
import { uniformPolicies } from '../allocation/uniform-policies.js';
import { ompqStrategy } from '../ompq/ompq-strategy.js';
import { sensitivityStrategy } from '../sensitivity/sensitivity-strategy.js';
import type { HaqOptions } from './haq-options.js';

/** A policy to start from. */
export type Seed = {
  readonly origin: 'seed-uniform' | 'seed-marginal' | 'seed-ompq' | 'seed-sensitivity';
  readonly bits: Bits;
};

/** How much more some tensors may matter than others; which do is not known before anything was measured. */
const EMPHASIS = 4;

type Guess = (layer: Layer, role: 'weight' | 'activation', layers: number) => boolean;

/** In the order in which they did well on MobileNets: fine-tuning heals weights more than activations. */
const GUESSES: readonly Guess[] = [
  (_, role) => role === 'activation',
  ({ index }, _, layers) => index < layers / 3,
  ({ kind }) => kind === 'depthwise',
  ({ index }, role, layers) => role === 'activation' && index < layers / 3,
  (_, role) => role === 'weight',
  ({ index }, _, layers) => index >= (2 * layers) / 3,
];

/**
 * Policies that use up the budget, most promising first: an integer program's solution where the search starts at one;
 * by marginal cost with all tensors equally sensitive, the best uniform ones, then by marginal cost under different
 * guesses of what is sensitive. Each comes once.
 */
export async function seedPolicies(
  pricing: Pricing,
  noise: NoiseModel,
  start: HaqOptions['start'],
): Promise<readonly Seed[]> {
  const marginal: Seed[] = [];
  for (const guess of [NOTHING, ...GUESSES]) {
    marginal.push({
      origin: 'seed-marginal',
      bits: await marginalPolicy(pricing, noise, sensitivitiesUnder(guess, pricing.problem.layers)),
    });
  }
  const best = uniformPolicies(pricing.problem.space, noise).find((bits) => pricing.fits(bits));
  const uniform: Seed[] = best === undefined ? [] : [{ origin: 'seed-uniform', bits: best }];
  const solved = await solvedSeeds(pricing, start);
  const seeds = [...solved, ...marginal.slice(0, 1), ...uniform, ...marginal.slice(1)];
  return seeds.filter((seed, index) => seeds.findIndex(({ bits }) => bits.join() === seed.bits.join()) === index);
}

/** The strategies that solve an integer program on something measured. */
const SOLVERS = { ompq: ompqStrategy, sensitivity: sensitivityStrategy };

async function solvedSeeds({ problem }: Pricing, start: HaqOptions['start']): Promise<readonly Seed[]> {
  if (start !== 'ompq' && start !== 'sensitivity') return [];
  const { policy } = await SOLVERS[start].solve({ problem, options: {} });
  return [{ origin: `seed-${start}`, bits: toBits(policy) }];
}

/** What a search that starts there measures first. */
export function startMeasures(start: unknown): readonly SensitivityMeasure[] {
  return start === 'ompq' || start === 'sensitivity' ? SOLVERS[start].measures({}) : [];
}

const NOTHING: Guess = () => false;

function sensitivitiesUnder(guess: Guess, layers: readonly Layer[]): Float64Array {
  return sensitivitiesBy(layers, (layer, role) => (guess(layer, role, layers.length) ? EMPHASIS : 1));
}
