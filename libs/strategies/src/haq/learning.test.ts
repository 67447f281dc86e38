import { createRandomSource } from '@bitwright/core';
import { expect, test } from 'vitest';
import { toPolicy } from '../allocation/decisions.js';
import { marginalPolicy } from '../allocation/marginal-policy.js';
import { createPricing } from '../allocation/pricing.js';
import { createNoiseModel } from '../allocation/quantization-noise.js';
import { findStrategy } from '../registry.js';
import { createProblem, separableLayers } from '../testing/problems.js';
import { knownOptimum, secretSensitivities } from '../testing/toy-accuracy.js';

const TRIALS = 70;
const problem = createProblem({ layers: separableLayers(2), latencyRatio: 0.4, maxTrials: TRIALS });
const SECRET = 3;
const accuracyOf = knownOptimum(problem, SECRET);

/** Small networks that learn faster than the defaults, which are made for hundreds of episodes. */
const FAST = { hidden1: 32, hidden2: 32, batchSize: 32, actorLearningRate: 1e-3, criticLearningRate: 1e-2 };

async function accuracies(name: string, options: Record<string, unknown>, seed: number): Promise<readonly number[]> {
  const strategy = findStrategy(name).create({ problem, random: createRandomSource(seed), options });
  const measured: number[] = [];
  while (measured.length < TRIALS) {
    const proposals = await strategy.ask(1);
    const outcomes = proposals.map((proposal) => ({ proposal, accuracy: accuracyOf(proposal) }));
    await strategy.tell(outcomes);
    measured.push(...outcomes.map(({ accuracy }) => accuracy));
  }
  return measured;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test.each([1, 2, 3])(
  'the actor alone, without seeds or fillings, leaves random policies far behind (seed %d)',
  async (seed) => {
    const actor = await accuracies('haq', { ...FAST, start: 'random', fillBudget: false, warmUp: 15 }, seed);
    const random = await accuracies('random', {}, seed);
    expect(mean(actor.slice(-15))).toBeGreaterThan(mean(random) + 0.1);
  },
);

test.each([1, 2])('with seeds the search comes within 0.1 points of the optimum (seed %d)', async (seed) => {
  const optimum = await marginalPolicy(
    await createPricing(problem),
    createNoiseModel(problem),
    secretSensitivities(problem, SECRET),
  );
  const best = accuracyOf({ policy: toPolicy(problem.space, optimum), origin: 'optimum' });
  expect(Math.max(...(await accuracies('haq', FAST, seed)))).toBeGreaterThan(best - 0.001);
});
