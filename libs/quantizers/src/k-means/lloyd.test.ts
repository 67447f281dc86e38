import { createRandomSource } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { normalTensor } from '../fixtures/tensors.js';
import { clusterBounds, iterateLloyd } from './lloyd.js';
import { seedCentroids } from './seeding.js';
import { inertiaOf, meanOf, sortSample } from './sorted-sample.js';

describe('a sorted sample', () => {
  it('is sorted by value, negative numbers first', () => {
    const values = normalTensor(3000).map((value, index) => value * 10 ** ((index % 60) - 40));
    expect(sortSample(values).values).toEqual(values.slice().sort());
  });

  it('knows mean and inertia of any range', () => {
    const sample = sortSample(Float32Array.of(5, 1, 3, 2));
    expect(meanOf(sample, 1, 4)).toBeCloseTo(10 / 3, 12);
    expect(inertiaOf(sample, 0, 4, 2)).toBeCloseTo(1 + 0 + 1 + 9, 12);
  });
});

describe("Lloyd's iterations", () => {
  it('move centroids to the means of their values', () => {
    const sample = sortSample(Float32Array.of(0, 1, 9, 10));
    expect(iterateLloyd(sample, [0, 1], 50)).toEqual([0.5, 9.5]);
  });

  it('stop after as many iterations as allowed', () => {
    const sample = sortSample(Float32Array.of(0, 1, 9, 10));
    expect(iterateLloyd(sample, [0, 1], 0)).toEqual([0, 1]);
    expect(iterateLloyd(sample, [0, 1], 1)).not.toEqual([0.5, 9.5]);
  });

  it('put an emptied cluster back at the far end of the widest spread one', () => {
    const sample = sortSample(Float32Array.of(0, 1, 2, 100, 104));
    const centroids = iterateLloyd(sample, [1, 50, 102], 50);
    expect(centroids).toHaveLength(3);
    expect(centroids.every(Number.isFinite)).toBe(true);
    const bounds = clusterBounds(sample, centroids);
    centroids.forEach((_, cluster) => {
      expect(bounds[cluster + 1]).toBeGreaterThan(bounds[cluster] as number);
    });
  });

  it('drop a cluster that no value is left for', () => {
    const sample = sortSample(Float32Array.of(1, 1, 2, 2));
    expect(iterateLloyd(sample, [1, 1.4, 2, 7], 50)).toEqual([1, 2]);
  });
});

describe('k-means++ seeds', () => {
  it('are distinct values of the sample, ascending', () => {
    const sample = sortSample(normalTensor(1000));
    const seeds = seedCentroids(sample, 32, createRandomSource(5));
    expect(seeds).toHaveLength(32);
    expect(seeds).toEqual([...new Set(seeds)].sort((a, b) => a - b));
    expect(seeds.every((seed) => sample.values.includes(seed))).toBe(true);
  });

  it('are fewer when there are fewer distinct values', () => {
    expect(seedCentroids(sortSample(Float32Array.of(4, 4, 4)), 8, createRandomSource(5))).toEqual([4]);
  });

  it('find far groups that random picks would miss', () => {
    const values = Float32Array.from({ length: 1000 }, (_, index) => (index < 997 ? index / 1e5 : 100 * (index - 990)));
    const seeds = seedCentroids(sortSample(values), 4, createRandomSource(5));
    expect(seeds.filter((seed) => seed > 1)).toHaveLength(3);
  });
});
