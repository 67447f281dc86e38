import type { SearchProblem } from '@bitwright/core';
import {
  booleanOption,
  choiceOption,
  defineOptions,
  type GivenOptions,
  integerOption,
  numberOption,
  switchesOption,
} from '../options.js';
import { COMPAT_SWITCHES } from './compat.js';
import type { Environment } from './state-embedding.js';

/** Where a search begins: at policies that are good on paper, as published, or at an integer program's solution. */
const STARTS = ['seeded', 'random', 'sensitivity', 'ompq'] as const;

export type HaqOptions = ReturnType<typeof readHaqOptions>;

/** What the agent and the guided episodes learn from. */
const REWARDS = ['calibrated-loss', 'accuracy'] as const;

/** HAQ's settings. Defaults are the reference's unless README.md says otherwise. */
export const HAQ_OPTIONS = defineOptions({
  environment: choiceOption<Environment, undefined>(
    'what the agent decides: weights and activations, or weights alone; by default as the scheme of the weights is',
    ['linear', 'k-means'],
    undefined,
  ),
  start: choiceOption(
    "where the search begins: at policies that are good on paper, as published, or at an integer program's solution",
    STARTS,
    'seeded',
  ),
  fillBudget: booleanOption('whether what the action wall leaves of the budget is spent on more bits', true),
  guidedShare: numberOption('share of guided episodes after the warm-up; none with start=random', {
    default: 0.5,
    minimum: 0,
    maximum: 1,
  }),
  warmUp: integerOption(
    'episodes without updates: seeds, then random actions (published: 20); by default a part of the trials',
    { default: undefined, minimum: 0, maximum: 100_000 },
  ),
  hidden1: integerOption("units of both networks' first hidden layer", { default: 300, minimum: 1, maximum: 4096 }),
  hidden2: integerOption("units of both networks' second hidden layer", { default: 300, minimum: 1, maximum: 4096 }),
  batchSize: integerOption('transitions in an update', { default: 64, minimum: 1, maximum: 4096 }),
  updatesPerTransition: integerOption('updates for each transition that is stored', {
    default: 1,
    minimum: 0,
    maximum: 100,
  }),
  actorLearningRate: numberOption("Adam's rate for the actor", { default: 1e-4, minimum: 0, maximum: 1 }),
  criticLearningRate: numberOption("Adam's rate for the critic", { default: 1e-3, minimum: 0, maximum: 1 }),
  discountFactor: numberOption('γ of the returns', { default: 1, minimum: 0, maximum: 1 }),
  targetRate: numberOption('τ, how fast the slow copies of both networks follow', {
    default: 0.01,
    minimum: 0,
    maximum: 1,
  }),
  replayPerLayer: integerOption('transitions kept, times the layers', { default: 128, minimum: 2, maximum: 100_000 }),
  reward: choiceOption('what is learned from; accuracy as published', REWARDS, 'calibrated-loss'),
  rewardScale: numberOption('λ, on accuracy or likelihood in per cent', { default: 0.1, minimum: 0, maximum: 1000 }),
  baselineRate: numberOption('α of the moving baseline', { default: 0.5, minimum: 0, maximum: 1 }),
  noise: numberOption('σ0 of the exploration', { default: 0.5, minimum: 0, maximum: 10 }),
  noiseDecay: numberOption('factor of the noise for each episode; by default 0.99, faster in short searches', {
    default: undefined,
    minimum: 0,
    maximum: 1,
  }),
  compat: switchesOption(
    "what the reference's code does otherwise than its paper; libs/strategies/src/haq/README.md has more",
    COMPAT_SWITCHES,
  ),
});

/** Throws `invalid_argument` for unknown and wrong settings. */
export function readHaqOptions(options: GivenOptions, problem: SearchProblem) {
  const read = HAQ_OPTIONS.read(options);
  const warmUp = read.warmUp ?? Math.min(20, Math.floor(problem.maxTrials / 4));
  return {
    ...read,
    environment: read.environment ?? environmentOf(problem),
    warmUp,
    noiseDecay: read.noiseDecay ?? scaledNoiseDecay(problem.maxTrials - warmUp),
    guidedShare: read.start === 'random' ? 0 : read.guidedShare,
  };
}

const environmentOf = ({ space }: SearchProblem): Environment =>
  space.weightQuantizer === 'k-means' ? 'k-means' : 'linear';

/** The reference decays its noise by 0.99 over 580 episodes; a shorter search gets the same decay over what it has. */
function scaledNoiseDecay(episodes: number): number {
  return 0.99 ** Math.max(1, 580 / Math.max(1, episodes));
}
