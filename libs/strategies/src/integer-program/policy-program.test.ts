import { expect, it } from 'vitest';
import { createPricing } from '../allocation/pricing.js';
import { createProblem, separableLayers } from '../testing/problems.js';
import { createPolicyProgram } from './policy-program.js';
import { NOTHING_PROPOSED, nextProposal } from './proposals.js';
import { solveBest } from './solve-best.js';

async function createProgram() {
  const pricing = await createPricing(createProblem({ layers: separableLayers(1), sizeRatio: 0.5 }));
  const value = (layer: number, { weightBits }: { readonly weightBits: number }) => (layer + 1) * 4 ** -weightBits;
  return createPolicyProgram(pricing, { sense: 'minimise', value });
}

it('is solved once: what ranked a program is what it proposes', async () => {
  const program = await createProgram();
  const solution = await program.solution();
  expect(solution?.bits).toHaveLength(8);
  const { proposal } = await nextProposal([program], NOTHING_PROPOSED);
  expect(proposal?.bits).toBe(solution?.bits);
});

it('whose time was over says so, where its solution is told', async () => {
  const program = await createProgram();
  const nameOf = async (isProven: boolean) => {
    const solution = async () => ({ ...((await program.solution()) ?? expect.fail('no solution')), isProven });
    return (await solveBest({ ...program, solution }, 'noise', () => undefined)).objective.name;
  };
  expect(await nameOf(true)).toBe('noise');
  expect(await nameOf(false)).toBe('noise (the best found in 20 s, perhaps not the best there is)');
});
