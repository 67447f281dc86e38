import {
  createRandomSource,
  fitsBudget,
  isInSpace,
  type PrecisionPolicy,
  type Proposal,
  policyHash,
} from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { createProblem, separableLayers } from '../testing/problems.js';
import { hagoStrategy } from './hago-strategy.js';

const layers = separableLayers(3);
const free = createProblem({ layers, weightBits: [4, 6, 8], activationBits: [4, 6, 8] });
const tight = createProblem({ layers, weightBits: [4, 6, 8], activationBits: [4, 6, 8], latencyRatio: 0.6 });

const create = (problem = free, options = {}) =>
  hagoStrategy.create({ problem, random: createRandomSource(1), options });

/** Loses nothing as long as weights have 6 bits and activations 4. */
const accuracyOf = ({ layers: bits }: PrecisionPolicy) =>
  0.9 - bits.reduce((sum, { weightBits }) => sum + 0.1 * Math.max(0, 6 - weightBits), 0);

/** Asks for some at a time, and tells what became of them, until there are no more or there were `most`. */
async function run(strategy: ReturnType<typeof create>, at: number, most = Number.POSITIVE_INFINITY) {
  const tried: Proposal[] = [];
  while (tried.length < most) {
    const proposals = await strategy.ask(at);
    if (proposals.length === 0) break;
    tried.push(...proposals);
    await strategy.tell(proposals.map((proposal) => ({ proposal, accuracy: accuracyOf(proposal.policy) })));
  }
  return tried;
}

const SEARCHES = ['greedy', 'batched-greedy', 'random', 'annealing'];

describe('the hago strategy', () => {
  it.each([1, 4])('lowers edge by edge what can be lowered without a loss, asked for %i at a time', async (at) => {
    const tried = await run(create(), at);
    const best = tried.reduce((one, other) => (accuracyOf(other.policy) >= accuracyOf(one.policy) ? other : one));
    expect(best.policy.layers).toEqual(layers.map(() => ({ weightBits: 6, activationBits: 4 })));
  });

  it('fits every proposal into the budget', async () => {
    const tried = await run(create(tight), 2);
    expect(tried.length).toBeGreaterThan(3);
    for (const { policy } of tried) expect(fitsBudget(tight.cost(policy), tight.constraints)).toBe(true);
  });

  it.each([
    ['a free one', free],
    ['a tight one', tight],
  ])('goes on from a snapshot as if nothing had happened, under any budget: %s', async (_, problem) => {
    const original = create(problem);
    await run(original, 3, 8);
    const copy = create(problem);
    copy.restore(original.snapshot());
    const hashes = async (strategy: typeof copy) => (await run(strategy, 2)).map(({ policy }) => policyHash(policy));
    expect(await hashes(copy)).toEqual(await hashes(original));
  });

  it('goes on from what it was told before it noted what it lowered', async () => {
    const [first, second] = await run(create(free), 1, 2);
    const bits = first?.policy.layers.flatMap(({ weightBits, activationBits }) => [weightBits, activationBits]);
    const copy = create(free);
    copy.restore(new TextEncoder().encode(JSON.stringify(['hago1', [[bits?.join(), 0.9]]])));
    expect(await copy.ask(1)).toEqual([second]);
  });

  it('does not begin anew when prices are corrected', async () => {
    let version = 0;
    const wide = createProblem({ layers, weightBits: [4, 6, 8], activationBits: [4, 6, 8], latencyRatio: 0.9 });
    const cost: typeof wide.cost = (policy) => {
      const { latencyMs = 0, ...others } = wide.cost(policy);
      return { ...others, latencyMs: latencyMs * (1 + version / 20) };
    };
    const strategy = create({ ...wide, cost, priceVersion: () => version });
    const tried: Proposal[] = [];
    for (; version < 8; version += 1) tried.push(...(await run(strategy, 1, 1)));
    // Only the search's first assignment has the most bits in the first variable: it is not tried again at other prices.
    expect(tried.filter(({ policy }) => policy.layers[0]?.weightBits === 8)).toHaveLength(1);
  });

  it('takes a failed evaluation for a loss', async () => {
    const strategy = create();
    const [first] = await strategy.ask(1);
    await strategy.tell([{ proposal: first as Proposal, accuracy: undefined }]);
    expect(await strategy.ask(1)).toHaveLength(1);
  });

  it.each(SEARCHES)('has the searches of HAGO, which stay within choices with gaps: %s', async (search) => {
    const problem = createProblem({ layers, weightBits: [2, 4, 8], activationBits: [4, 8], latencyRatio: 0.9 });
    const tried = await run(create(problem, { search }), 1);
    expect(tried.length).toBeGreaterThan(10);
    expect(tried.filter(({ origin, policy }) => origin !== search || !isInSpace(problem.space, policy))).toEqual([]);
  });

  it.each(SEARCHES)('spends no trial on a policy whose score it knows: %s', async (search) => {
    for (const at of [1, 3]) {
      const tried = await run(create(tight, { search }), at);
      expect(new Set(tried.map(({ policy }) => policyHash(policy))).size).toBe(tried.length);
    }
  });

  it('refuses what is no snapshot, and a search that it does not have', () => {
    expect(() => create().restore(new Uint8Array(7))).toThrow(expect.objectContaining({ kind: 'data_loss' }));
    expect(() => create(free, { search: 'grid' })).toThrow(/search: is "grid"; use one of greedy/);
  });

  it('lets other work go on while it lowers many assignments', async () => {
    const many = createProblem({ layers: separableLayers(25), latencyRatio: 0.5, sizeRatio: 0.6 });
    const strategy = create(many, { search: 'batched-greedy' });
    await run(strategy, 16, 300);
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 0);
    await strategy.ask(16);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(1);
  });
});
