import {
  createRandomSource,
  fitsBudget,
  isInSpace,
  type Proposal,
  policyHash,
  type SearchProblem,
  type SearchStrategy,
} from '@bitwright/core';
import { expect, test } from 'vitest';
import { findStrategy } from '../registry.js';
import { createProblem, separableLayers } from '../testing/problems.js';
import { knownOptimum } from '../testing/toy-accuracy.js';

/** Small networks, so that a test takes seconds. */
const SMALL = { hidden1: 16, hidden2: 16, batchSize: 8 };

const layers = separableLayers(3);

function create(problem: SearchProblem, options: Record<string, unknown> = {}, name = 'haq', seed = 7): SearchStrategy {
  const settings = name === 'haq' ? { ...SMALL, ...options } : options;
  return findStrategy(name).create({ problem, random: createRandomSource(seed), options: settings });
}

/** Asks and tells until `trials` are measured. */
async function run(
  strategy: SearchStrategy,
  trials: number,
  accuracyOf: (proposal: Proposal) => number | undefined,
  atOnce = 1,
) {
  const seen: Proposal[] = [];
  while (seen.length < trials) {
    const proposals = await strategy.ask(atOnce);
    seen.push(...proposals);
    await strategy.tell(proposals.map((proposal) => ({ proposal, accuracy: accuracyOf(proposal) })));
  }
  return seen;
}

test.each([
  { latencyRatio: 0.3, pin: 'first-last' as const },
  { latencyRatio: 0.6, sizeRatio: 0.5 },
  { latencyRatio: 0.25, weightBits: [2, 4, 8], activationBits: [2, 4, 8] },
  { sizeRatio: 0.3, weightQuantizer: 'k-means' as const, activationBits: [32] },
])(
  'every proposal fits $latencyRatio of the latency and $sizeRatio of the size and lies in the space',
  async (options) => {
    const problem = createProblem({ layers, ...options });
    for (const strategy of [
      create(problem),
      create(problem, { start: 'random', warmUp: 4 }),
      create(problem, { fillBudget: false }),
      create(problem, { compat: true }),
      create(problem, {}, 'random'),
    ]) {
      const seen = await run(strategy, 16, () => 0.8);
      for (const { policy } of seen) {
        expect(fitsBudget(problem.cost(policy), problem.constraints)).toBe(true);
        expect(isInSpace(problem.space, policy)).toBe(true);
      }
    }
  },
);

test('the walk starts with seeds, then random policies, then the actor in turn with guided ones', async () => {
  const problem = createProblem({ layers, latencyRatio: 0.4, maxTrials: 48 });
  const seen = await run(create(problem), 24, () => 0.8);
  const origins = seen.map(({ origin }) => origin);
  expect(origins.slice(0, 3)).toEqual(['seed-marginal', 'seed-uniform', 'seed-marginal']);
  expect(origins.slice(8, 12)).toEqual(['warm-up', 'warm-up', 'warm-up', 'warm-up']);
  expect(origins.slice(12)).toEqual(new Array(6).fill(['actor', 'guided']).flat());
});

test("without seeds every episode is random until the warm-up is over, then the actor's", async () => {
  const problem = createProblem({ layers, latencyRatio: 0.4, maxTrials: 40 });
  const origins = (await run(create(problem, { start: 'random', warmUp: 5 }), 8, () => 0.8)).map(
    ({ origin }) => origin,
  );
  expect(origins).toEqual([...new Array(5).fill('warm-up'), 'actor', 'actor', 'actor']);
});

test('the same seed proposes the same policies, another seed others', async () => {
  const problem = createProblem({ layers, latencyRatio: 0.4 });
  const accuracy = knownOptimum(problem);
  const hashes = async (seed: number) =>
    (await run(create(problem, {}, 'haq', seed), 24, accuracy)).map(({ policy }) => policyHash(policy));
  const [first, second, other] = [await hashes(1), await hashes(1), await hashes(2)];
  expect(second).toEqual(first);
  expect(other).not.toEqual(first);
});

test('a restored strategy goes on exactly as the one that was not interrupted', async () => {
  const problem = createProblem({ layers, latencyRatio: 0.4 });
  const accuracy = knownOptimum(problem);
  for (const trials of [4, 17]) {
    const original = create(problem, {}, 'haq', 3);
    await run(original, trials, accuracy);
    const copy = create(problem, {}, 'haq', 99);
    copy.restore(original.snapshot());
    const [expected, found] = [await run(original, 12, accuracy, 2), await run(copy, 12, accuracy, 2)];
    expect(found).toEqual(expected);
  }
});

test('proposals that were not told before a snapshot come again after it', async () => {
  const problem = createProblem({ layers, latencyRatio: 0.4 });
  const original = create(problem);
  const asked = await original.ask(3);
  const copy = create(problem);
  copy.restore(original.snapshot());
  expect(await copy.ask(3)).toEqual(asked);
});

test('a failed evaluation is passed over', async () => {
  const problem = createProblem({ layers, latencyRatio: 0.4, maxTrials: 16 });
  const seen = await run(create(problem), 10, ({ origin }) => (origin === 'guided' ? undefined : 0.8));
  expect(seen).toHaveLength(10);
});

test('bytes that are no snapshot are refused as data loss', () => {
  const strategy = create(createProblem({ layers, latencyRatio: 0.4 }));
  expect(() => strategy.restore(new Uint8Array(40))).toThrow(expect.objectContaining({ kind: 'data_loss' }));
  const snapshot = strategy.snapshot();
  expect(() => strategy.restore(snapshot.subarray(0, 20))).toThrow(expect.objectContaining({ kind: 'data_loss' }));
});

test('wrong options are refused by name', () => {
  const problem = createProblem({ layers, latencyRatio: 0.4 });
  expect(() => create(problem, { warmup: 3, batchSize: 'many' })).toThrow(
    /spec\.strategy\.options\.warmup: is no option.*spec\.strategy\.options\.batchSize: is "many"/,
  );
});
