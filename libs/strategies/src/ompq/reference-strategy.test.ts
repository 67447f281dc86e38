import { type Proposal, policyHash, type SearchStrategy } from '@bitwright/core';
import { expect, test } from 'vitest';
import { createProblem, separableLayers } from '../testing/problems.js';
import { createReferenceStrategy } from './reference-strategy.js';

const problem = createProblem({ layers: separableLayers(3), sizeRatio: 0.9, weightBits: [4, 8] });
const open = () => createReferenceStrategy(problem, undefined);

/** All proposals, one by one; `next` may put another strategy in the place of the one that goes on. */
async function proposalsOf(next: (strategy: SearchStrategy) => SearchStrategy): Promise<readonly string[]> {
  const all: Proposal[] = [];
  for (let strategy = open(); ; strategy = next(strategy)) {
    const [proposal] = await strategy.ask(1);
    if (proposal === undefined) return all.map(({ policy }) => policyHash(policy));
    all.push(proposal);
  }
}

const restored = (strategy: SearchStrategy) => {
  const copy = open();
  copy.restore(strategy.snapshot());
  return copy;
};

test('projections onto ever smaller sizes propose nothing twice, also over snapshots', async () => {
  const straight = await proposalsOf((strategy) => strategy);
  expect(straight.length).toBeGreaterThan(2);
  expect(new Set(straight).size).toBe(straight.length);
  expect(await proposalsOf(restored)).toEqual(straight);
});
