import type { ComparedControl, ComparedStrategy, Spread, StrategyComparison } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { sampleReport } from '../report/sample-report.test-support.js';
import { strategyComparisonText, verdictText } from './comparison-text.js';

const spread = (mean: number, deviation: number, runs: number): Spread => {
  return { mean, deviation, runs, lowest: mean - deviation, highest: mean + deviation };
};

function comparisonOf(best: Spread, control: Spread, runs = best.runs): StrategyComparison {
  const figures = { relativeCost: null, hypervolume: spread(0.4, 0, runs), evaluations: null, seconds: null };
  const strategy = { strategy: 'haq', runs: Array(runs).fill({}), testAccuracy: best, ...figures };
  const uniform = { control: 'uniform-4', feasible: true, testAccuracy: control, relativeCost: 0.5 };
  return {
    strategies: [strategy as unknown as ComparedStrategy],
    controls: [uniform as unknown as ComparedControl],
  } as unknown as StrategyComparison;
}

describe('the verdict on strategies', () => {
  it('says by how much the best is above the best control, and whether seeds differ by as much', () => {
    const clear = comparisonOf(spread(0.9, 0.001, 3), spread(0.88, 0.001, 3));
    expect(verdictText(clear)).toBe('haq reaches 90.00 % in the mean, 2.00 points above uniform-4.');
    const close = comparisonOf(spread(0.9, 0.03, 3), spread(0.88, 0.001, 3));
    expect(verdictText(close)).toMatch(/above uniform-4, no more than seeds differ\.$/);
  });

  it('says so where there is one seed, which tells nothing about how seeds differ', () => {
    expect(verdictText(comparisonOf(spread(0.9, 0, 1), spread(0.88, 0, 1)))).toMatch(
      /above uniform-4 with one seed\.$/,
    );
  });
});

it('says with how many seeds there is a result, and why there is none with others', () => {
  const comparison = comparisonOf(spread(0.9, 0.001, 2), spread(0.88, 0.001, 3), 3);
  const text = strategyComparisonText(
    comparison,
    [{ strategy: 'haq', seed: 4, message: 'a worker died' }],
    sampleReport(),
  );
  expect(text).toMatch(/haq .* 2 of 3$/m);
  expect(text).toContain('haq, seed 4: a worker died');
  expect(text).toContain('accuracy: 2,048 of 10,000 test images, after');
  expect(text).toContain('of 8 bit: ms; hypervolume: on 2,048 of 5,000 validation images');
});
