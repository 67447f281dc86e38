import type { SearchProblem } from '@bitwright/core';
import { booleanOption, choiceOption, integerOption, numberOption, readOptions, switchesOption } from '../options.js';
import { COMPAT_SWITCHES } from './compat.js';
import type { Environment } from './state-embedding.js';

/** Where a search begins: at policies that are good on paper, as published, or at an integer program's solution. */
const STARTS = ['seeded', 'random', 'sensitivity', 'ompq'] as const;

export type HaqOptions = ReturnType<typeof readHaqOptions>;

/** What the agent and the guided episodes learn from. */
const REWARDS = ['calibrated-loss', 'accuracy'] as const;

/** HAQ's settings; README.md has the table. Defaults are the reference's unless said otherwise there. */
export function readHaqOptions(options: Readonly<Record<string, unknown>>, problem: SearchProblem) {
  const read = readOptions(options, {
    environment: choiceOption<Environment, undefined>(['linear', 'k-means'], undefined),
    start: choiceOption(STARTS, 'seeded'),
    fillBudget: booleanOption(true),
    guidedShare: numberOption({ default: 0.5, minimum: 0, maximum: 1 }),
    warmUp: integerOption({ default: undefined, minimum: 0, maximum: 100_000 }),
    hidden1: integerOption({ default: 300, minimum: 1, maximum: 4096 }),
    hidden2: integerOption({ default: 300, minimum: 1, maximum: 4096 }),
    batchSize: integerOption({ default: 64, minimum: 1, maximum: 4096 }),
    updatesPerTransition: integerOption({ default: 1, minimum: 0, maximum: 100 }),
    actorLearningRate: numberOption({ default: 1e-4, minimum: 0, maximum: 1 }),
    criticLearningRate: numberOption({ default: 1e-3, minimum: 0, maximum: 1 }),
    discountFactor: numberOption({ default: 1, minimum: 0, maximum: 1 }),
    targetRate: numberOption({ default: 0.01, minimum: 0, maximum: 1 }),
    replayPerLayer: integerOption({ default: 128, minimum: 2, maximum: 100_000 }),
    reward: choiceOption(REWARDS, 'calibrated-loss'),
    rewardScale: numberOption({ default: 0.1, minimum: 0 }),
    baselineRate: numberOption({ default: 0.5, minimum: 0, maximum: 1 }),
    noise: numberOption({ default: 0.5, minimum: 0, maximum: 10 }),
    noiseDecay: numberOption({ default: undefined, minimum: 0, maximum: 1 }),
    compat: switchesOption(COMPAT_SWITCHES),
  });
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
