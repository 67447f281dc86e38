import { createRandomSource, fitsBudget, type Proposal, smallestPolicy, uniformInSpace } from '@bitwright/core';
import { expect, test } from 'vitest';
import { createProblem, separableLayers } from '../testing/problems.js';
import { ddqStrategy } from './ddq-strategy.js';

const LAYERS = separableLayers(2);
const budgeted = createProblem({ layers: LAYERS, latencyRatio: 0.5, sizeRatio: 0.6, pin: 'first-last' });
const open = (problem = budgeted, options = {}) =>
  ddqStrategy.create({ problem, random: createRandomSource(1), options });
const limitsOf = (proposals: readonly Proposal[]) =>
  proposals.map(({ learning }) => (learning?.limits ?? []).map(({ limit }) => limit));

test('bits are learned under the budget first, then under smaller ones that can all be reached', async () => {
  const proposals = await open().ask(100);
  expect(proposals.map(({ origin }) => origin)).toEqual(['learned-1', 'learned-2', 'learned-3', 'learned-4']);
  const [latencies, sizes] = [0, 1].map((at) => limitsOf(proposals).map((limits) => limits[at] as number));
  const [latency, size] = budgeted.constraints;
  for (const [limits, constraint] of [
    [latencies, latency],
    [sizes, size],
  ] as const) {
    expect(limits?.[0]).toBe(constraint?.limit);
    expect(limits).toEqual(limits?.toSorted((a, b) => b - a));
    expect(limits?.at(-1)).toBeGreaterThan(constraint?.smallest ?? Number.POSITIVE_INFINITY);
  }
  expect(proposals[0]?.learning?.limits.map(({ metric }) => metric)).toEqual(['latency', 'size']);
});

test('without a budget latency is limited, below what the most bits take', async () => {
  const free = createProblem({ layers: LAYERS, pin: 'first-last' });
  const proposals = await open(free).ask(100);
  expect(proposals).toHaveLength(4);
  const least = free.cost(smallestPolicy(free.space)).latencyMs as number;
  for (const { policy, learning } of proposals) {
    const [limited] = learning?.limits ?? [];
    expect(limited?.metric).toBe('latency');
    expect(limited?.limit).toBeGreaterThan(least);
    expect(limited?.limit).toBeLessThan(free.cost(policy).latencyMs as number);
  }
});

test('without a budget fewer bits to begin with leave less to go down from', async () => {
  const free = createProblem({ layers: LAYERS, pin: 'first-last' });
  const [first] = limitsOf(await open(free, { maximumBits: 4 }).ask(1));
  const most = free.cost(uniformInSpace(free.space, 4)).latencyMs as number;
  expect(first?.[0]).toBeLessThan(most);
});

test('no more proposals than asked for, then none; every one begins with the most bits, which do not fit', async () => {
  const strategy = open(budgeted, { learnings: 3, maximumBits: 6, gateOrder: 1 });
  const [first] = await strategy.ask(1);
  expect(first?.learning).toMatchObject({ maximumBits: 6, gateOrder: 1 });
  expect(first?.policy.layers[1]).toEqual({ weightBits: 6, activationBits: 6 });
  expect(fitsBudget(budgeted.cost(first?.policy as Proposal['policy']), budgeted.constraints)).toBe(false);
  expect(await strategy.ask(5)).toHaveLength(2);
  expect(await strategy.ask(5)).toEqual([]);
});

test('steps that would lead to the least or below it are left out', async () => {
  expect(await open(budgeted, { learnings: 50, step: 0.25 }).ask(100)).toHaveLength(4);
});

test('a snapshot goes on where it was', async () => {
  const original = open();
  await original.ask(2);
  const copy = open();
  copy.restore(original.snapshot());
  expect(await copy.ask(9)).toEqual(await original.ask(9));
  expect(() => copy.restore(new Uint8Array(7))).toThrow(expect.objectContaining({ kind: 'data_loss' }));
});
