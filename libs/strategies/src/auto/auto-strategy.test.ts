import {
  createRandomSource,
  fitsBudget,
  isInSpace,
  type Proposal,
  policyHash,
  type SearchProblem,
} from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { toBits } from '../allocation/decisions.js';
import { createPricing } from '../allocation/pricing.js';
import { findStrategy } from '../registry.js';
import { createProblem, type ProblemOptions, separableLayers } from '../testing/problems.js';
import { createSensitivity } from '../testing/sensitivities.js';
import { knownOptimum } from '../testing/toy-accuracy.js';
import { autoStrategy } from './auto-strategy.js';
import { sizeProjection } from './size-projection.js';

const layers = separableLayers(3);
function problemOf(options: Partial<ProblemOptions> = {}): SearchProblem {
  const problem = createProblem({ layers, latencyRatio: 0.4, pin: 'first-last', maxTrials: 12, ...options });
  return { ...problem, sensitivity: createSensitivity(problem) };
}
const create = (problem: SearchProblem, options = {}) =>
  autoStrategy.create({ problem, random: createRandomSource(1), options });

async function search(problem: SearchProblem, options = {}): Promise<readonly Proposal[]> {
  const strategy = create(problem, options);
  const accuracy = knownOptimum(problem);
  const all: Proposal[] = [];
  while (all.length < problem.maxTrials) {
    const [proposal] = await strategy.ask(1);
    if (proposal === undefined) break;
    all.push(proposal);
    await strategy.tell([{ proposal, accuracy: accuracy(proposal) }]);
  }
  return all;
}

describe('auto', () => {
  it('begins with the solution of the integer program and what lies near it, then lets HAQ refine', async () => {
    const problem = problemOf();
    const proposals = await search(problem);
    const origins = proposals.map(({ origin }) => origin);
    expect(origins.slice(0, 4)).toEqual(['solution', 'cheaper', 'neighbour', 'cheaper']);
    expect(origins.slice(4).every((origin) => /^(seed|warm-up|guided|actor)/.test(origin))).toBe(true);
    expect(new Set(origins.slice(4))).toContain('guided');
    for (const { policy } of proposals) {
      expect(isInSpace(problem.space, policy) && fitsBudget(problem.cost(policy), problem.constraints)).toBe(true);
    }
  });

  it('has HAQ propose nothing that the integer program has proposed', async () => {
    const hashes = (await search(problemOf())).map(({ policy }) => policyHash(policy));
    const [ofProgram, ofHaq] = [hashes.slice(0, 4), hashes.slice(4)];
    expect(new Set(ofProgram).size).toBe(4);
    expect(ofHaq.filter((hash) => ofProgram.includes(hash))).toEqual([]);
  });

  it('gives the integer program the part that is asked for, and hands on what is meant for HAQ', async () => {
    const origins = (await search(problemOf(), { programShare: 0, 'haq.guidedShare': 0 })).map(({ origin }) => origin);
    expect(origins.filter((origin) => ['solution', 'cheaper', 'neighbour'].includes(origin))).toEqual(['solution']);
    expect(origins).not.toContain('guided');
  });

  it('names options that neither knows', () => {
    expect(() => create(problemOf(), { speed: 1 })).toThrow('options.speed: is no option; there are measure');
    expect(() => create(problemOf(), { 'haq.speed': 1 })).toThrow('speed: is no option');
  });

  it('goes on from a snapshot as if nothing had happened, before and after the change', async () => {
    for (const told of [2, 7]) {
      const problem = problemOf();
      const original = create(problem);
      for (let index = 0; index < told; index += 1) {
        const proposals = await original.ask(1);
        await original.tell(proposals.map((proposal) => ({ proposal, accuracy: 0.8 + index / 100 })));
      }
      const copy = create(problem);
      copy.restore(original.snapshot());
      expect(await copy.ask(3)).toEqual(await original.ask(3));
    }
  });

  it('refuses bytes that are no snapshot of its own', () => {
    for (const length of [0, 11, 12]) {
      const refused = expect.objectContaining({ kind: 'data_loss' });
      expect(() => create(problemOf()).restore(new Uint8Array(length).fill(255))).toThrow(refused);
    }
  });

  it('solves and explains as the integer program does', async () => {
    const problem = problemOf();
    const [first] = await create(problem).ask(1);
    expect((await autoStrategy.solve?.({ problem, options: {} }))?.policy).toEqual(first?.policy);
    expect(autoStrategy.measures?.({})).toEqual(['output-divergence']);
  });
});

describe('the projection by size', () => {
  it('is a control of auto, whatever part of the trials the program has, and no trial of its own', async () => {
    const problem = problemOf({ maxTrials: 2 });
    const [control] = autoStrategy.controls ?? [];
    const policy = await control?.policyFor({ ...problem, sensitivity: undefined });
    expect(control?.origin).toBe('size-projection');
    expect(policy && fitsBudget(problem.cost(policy), problem.constraints)).toBe(true);
    expect((await search(problem)).map(({ origin }) => origin)).not.toContain('size-projection');
  });

  it('fills a budget of any kind, large layers losing more than small ones', async () => {
    const problem = problemOf();
    const pricing = await createPricing(problem);
    const bits = await sizeProjection(pricing);
    expect(bits !== undefined && pricing.fits(bits)).toBe(true);
    const weights = layers
      .map((layer, index) => ({ size: layer.weights, bits: bits?.[2 * index] as number }))
      .slice(1, -1);
    const bySize = weights.toSorted((a, b) => a.size - b.size);
    expect(bySize[0]?.bits).toBeGreaterThanOrEqual(bySize.at(-1)?.bits as number);
  });
});

describe('haq with a start at an integer program', () => {
  it.each(['ompq', 'sensitivity'])('proposes the solution of %s first', async (start) => {
    const problem = problemOf();
    const haq = findStrategy('haq').create({ problem, random: createRandomSource(1), options: { start } });
    const solved = await findStrategy(start).solve?.({ problem, options: {} });
    const [first] = await haq.ask(1);
    expect(first?.origin).toBe(`seed-${start}`);
    expect(toBits(first?.policy as never)).toEqual(toBits(solved?.policy as never));
    expect(findStrategy('haq').measures?.({ start })).toHaveLength(1);
    expect(findStrategy('haq').measures?.({})).toEqual([]);
  });
});
