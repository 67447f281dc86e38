import { createRandomSource } from '@bitwright/core';
import { expect, test } from 'vitest';
import { explorationDeviation, truncatedNormal } from './exploration-noise.js';

test('draws stay within 0..1 and lie around the mean', () => {
  const random = createRandomSource(1);
  const draws = Array.from({ length: 2000 }, () => truncatedNormal(0.3, 0.1, random));
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThanOrEqual(1);
  expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(0.3, 1);
  expect(truncatedNormal(1.5, 0, random)).toBe(1);
});

test('a mean that is no number is refused, as no draw around it would ever be kept', () => {
  expect(() => truncatedNormal(Number.NaN, 0.5, createRandomSource(1))).toThrowError(
    /no numbers any more; use a smaller/,
  );
});

test('the deviation stays through the warm-up and decays after it', () => {
  const options = { noise: 0.5, noiseDecay: 0.9, warmUp: 2 };
  expect([0, 2, 3, 4].map((episode) => explorationDeviation(episode, options))).toEqual([
    0.5,
    0.5,
    0.45,
    0.5 * 0.9 ** 2,
  ]);
});
