import { createRandomSource, fitsBudget, type PrecisionPolicy, type Proposal, policyHash } from '@bitwright/core';
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

async function run(strategy: ReturnType<typeof create>, at: number) {
  const tried: Proposal[] = [];
  for (;;) {
    const proposals = await strategy.ask(at);
    if (proposals.length === 0) return tried;
    tried.push(...proposals);
    await strategy.tell(proposals.map((proposal) => ({ proposal, accuracy: accuracyOf(proposal.policy) })));
  }
}

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

  it('goes on from a snapshot as if nothing had happened', async () => {
    const original = create();
    const first = await original.ask(3);
    await original.tell(first.map((proposal) => ({ proposal, accuracy: accuracyOf(proposal.policy) })));
    const copy = create();
    copy.restore(original.snapshot());
    const hashes = async (strategy: typeof copy) => (await strategy.ask(2)).map(({ policy }) => policyHash(policy));
    expect(await hashes(copy)).toEqual(await hashes(original));
  });

  it('takes a failed evaluation for a loss', async () => {
    const strategy = create();
    const [first] = await strategy.ask(1);
    await strategy.tell([{ proposal: first as Proposal, accuracy: undefined }]);
    expect(await strategy.ask(1)).toHaveLength(1);
  });

  it.each(['greedy', 'batched-greedy', 'random', 'annealing'])('has the searches of HAGO: %s', async (search) => {
    const [proposal] = await create(free, { search }).ask(1);
    expect(proposal?.origin).toBe(search);
  });

  it('refuses what is no snapshot, and a search that it does not have', () => {
    expect(() => create().restore(new Uint8Array(7))).toThrow(expect.objectContaining({ kind: 'data_loss' }));
    expect(() => create(free, { search: 'grid' })).toThrow(/search: is "grid"; use one of greedy/);
  });
});
