import { createRandomSource } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import type { BitVariable, EdgeBits } from '../graph/search-space.js';
import { annealingSearch } from './annealing.js';
import { outputDivergence, scoreOf } from './objective.js';
import { BIT_SEARCHES, createBitSearch } from './registry.js';
import { isBetter, type ScoredBits, totalBits } from './trial.js';

const variable = (name: string): BitVariable => ({ name, edges: [], choices: [8, 7, 6, 5, 4] });
const space = ['a', 'b', 'c'].map(variable);

/** Runs a search to its end and gives the best and all that was tried. */
function run(name: string, score: (bits: EdgeBits) => number, seed = 1, variables = space) {
  const search = createBitSearch(name, variables, createRandomSource(seed));
  const tried: EdgeBits[] = [];
  let best: ScoredBits | undefined;
  let step = search.next();
  while (step.done !== true) {
    const scores = step.value.map(score);
    step.value.forEach((bits, index) => {
      const trial = { bits, score: scores[index] as number };
      if (isBetter(trial, best)) best = trial;
      tried.push(bits);
    });
    step = search.next(scores);
  }
  return { best: best as ScoredBits, tried };
}

/** Accurate as long as a has 6, b 5 and c 8 bits. */
const needs =
  (...least: readonly number[]) =>
  (bits: EdgeBits) =>
    bits.reduce((sum, one, index) => sum - Math.max(0, (least[index] as number) - one), 1);

describe('ties', () => {
  it('go to fewer bits in all', () => {
    expect(isBetter({ bits: [4, 8], score: 0.5 }, { bits: [8, 8], score: 0.5 })).toBe(true);
    expect(isBetter({ bits: [8, 8], score: 0.5 }, { bits: [4, 8], score: 0.5 })).toBe(false);
    expect(isBetter({ bits: [8, 8], score: 0.6 }, { bits: [4, 4], score: 0.5 })).toBe(true);
    expect(run('greedy', () => 0.9).best.bits).toEqual([4, 4, 4]);
    expect(run('batched-greedy', () => 0.9).best.bits).toEqual([4, 4, 4]);
  });
});

describe('greedy search', () => {
  it.each(['greedy', 'batched-greedy'])(
    'finds the fewest bits that lose nothing, where edges do not depend: %s',
    (name) => {
      expect(run(name, needs(6, 5, 8)).best.bits).toEqual([6, 5, 8]);
    },
  );

  it('stops at the first drop of a variable, where batched greedy tries all choices', () => {
    expect(run('greedy', needs(6, 5, 8)).tried).toHaveLength(4 + 5 + 2);
    expect(run('batched-greedy', needs(6, 5, 8)).tried).toHaveLength(15);
  });
});

describe('annealing', () => {
  it('moves however few variables there are: a tenth of them is at least one', () => {
    const search = annealingSearch(space, createRandomSource(3), [8, 8, 8]);
    const seen = new Set<string>();
    for (let step = search.next(); step.done !== true; step = search.next([0.5])) seen.add(step.value.join());
    expect(seen.size).toBeGreaterThan(20);
  });

  it('takes 688 trials, stays within the choices and ends near the best', () => {
    const { best, tried } = run('annealing', needs(6, 5, 8));
    expect(tried).toHaveLength(688);
    expect(tried.flat().every((bits) => bits >= 4 && bits <= 8)).toBe(true);
    expect(best.score).toBe(1);
    expect(totalBits(best.bits)).toBeLessThanOrEqual(20);
  });
});

describe('every search', () => {
  it.each(BIT_SEARCHES)('tries the same for the same seed, whatever that is: %s', (name) => {
    const [one, two] = [run(name, needs(6, 6, 6), 5), run(name, needs(6, 6, 6), 5)];
    expect(one.tried).toEqual(two.tried);
    expect(one.tried.length).toBeGreaterThan(0);
  });

  it.each(BIT_SEARCHES)('tries nothing but what there is to choose, also where choices have gaps: %s', (name) => {
    const withGaps = space.map((one) => ({ ...one, choices: [8, 4, 2] }));
    const { tried } = run(name, needs(4, 2, 8), 5, withGaps);
    expect([...new Set(tried.flat())].sort()).toEqual(name === 'default' ? [8] : [2, 4, 8]);
  });

  it.each(BIT_SEARCHES)('tries the only assignment once where there are no variables: %s', (name) => {
    expect(run(name, () => 1, 1, [])).toEqual({ best: { bits: [], score: 1 }, tried: [[]] });
  });

  it('is known by name', () => {
    expect(() => createBitSearch('magic', space, createRandomSource(1))).toThrow('there are default, greedy');
    expect(() => createBitSearch('toString', space, createRandomSource(1))).toThrow('there is no search');
  });
});

describe('objectives', () => {
  it('measure the divergence of outputs at a temperature of 8', () => {
    const reference = Float32Array.of(8, 0);
    expect(outputDivergence(reference, reference, 2)).toBe(0);
    const [p, q] = [0.5, Math.E / (Math.E + 1)];
    const expected = p * Math.log(p / q) + p * Math.log(p / (1 - q));
    expect(outputDivergence(Float32Array.of(0, 0), reference, 2)).toBeCloseTo(expected, 6);
  });

  it('take latency for its weight', () => {
    const measure = { accuracy: 0.9, divergence: 0.01 };
    expect(scoreOf('accuracy', [8], measure)).toBe(0.9);
    expect(scoreOf('divergence', [8], measure)).toBe(-0.01);
    expect(scoreOf('accuracy', [8], measure, { weight: 0.1, relative: () => 0.5 })).toBeCloseTo(0.85, 12);
  });
});
