import { createRandomSource } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { estimateThresholds, roundUpToPowerOfTwo } from './estimate.js';
import { addMagnitudes, MAGNITUDE_BINS, rangeOf, type TensorStatistics } from './tensor-statistics.js';
import { parseThresholdMethod } from './threshold-method.js';

function statisticsOf(...batches: readonly Float32Array[]): TensorStatistics {
  const ranges = batches.map(rangeOf);
  const maximum = Math.max(...batches.flatMap((batch) => Array.from(batch, Math.abs)));
  const histogram = { counts: new Float64Array(MAGNITUDE_BINS), maximum };
  for (const batch of batches) addMagnitudes(histogram, batch);
  const [minimums, maximums] = [ranges.map(({ minimum }) => minimum), ranges.map((range) => range.maximum)];
  return { minimums, maximums, histogram, channelMaximums: new Float32Array(1) };
}

const estimate = (statistics: TensorStatistics, method: string, powerOfTwo = false) =>
  estimateThresholds(new Map([['x', statistics]]), parseThresholdMethod(method), powerOfTwo).get('x') as number;

const random = createRandomSource(1);
const normal = Float32Array.from({ length: 50_000 }, () => random.normal());

describe('thresholds', () => {
  it('average the ranges of batches before the larger end is taken', () => {
    const statistics = statisticsOf(Float32Array.of(-1, 4), Float32Array.of(-9, 2));
    expect(estimate(statistics, 'average-range')).toBe(5);
    expect(estimate(statisticsOf(Float32Array.of(0, 3), Float32Array.of(0, 5)), 'average-range')).toBe(4);
  });

  it('keep the share of magnitudes that was asked for', () => {
    const threshold = estimate(statisticsOf(normal), 'quantile:0.99');
    const kept = normal.filter((value) => Math.abs(value) <= threshold).length / normal.length;
    expect(kept).toBeCloseTo(0.99, 3);
    expect(estimate(statisticsOf(normal), 'quantile:1')).toBeCloseTo(Math.max(...normal.map(Math.abs)), 5);
  });

  it('by KL divergence cut off a few outliers and keep what is uniform', () => {
    const outliers = Float32Array.from([...normal, 40]);
    expect(estimate(statisticsOf(outliers), 'kullback-leibler')).toBeLessThan(10);
    expect(estimate(statisticsOf(outliers), 'kullback-leibler')).toBeGreaterThan(3);
    const uniform = Float32Array.from({ length: 50_000 }, (_, index) => (index % 1000) / 1000);
    expect(estimate(statisticsOf(uniform), 'kullback-leibler')).toBeGreaterThan(0.95);
  });

  it('by KL divergence keep the full range where the largest value is what counts', () => {
    expect(estimate(statisticsOf(new Float32Array(1000).fill(2)), 'kullback-leibler')).toBe(2);
    const saturated = normal.map((value, index) => (index % 10 < 3 ? 6 : Math.min(Math.abs(value), 6)));
    expect(estimate(statisticsOf(saturated), 'kullback-leibler')).toBe(6);
  });

  it('by KL divergence are the same with and without the zeros of a rectifier', () => {
    const rectified = normal.map((value) => Math.max(value, 0));
    const positive = normal.filter((value) => value > 0);
    const [withZeros, without] = [rectified, positive].map((values) =>
      estimate(statisticsOf(values), 'kullback-leibler'),
    ) as [number, number];
    expect(Math.abs(withZeros / without - 1)).toBeLessThan(0.1);
  });

  it('are rounded up to powers of two on request', () => {
    expect(estimate(statisticsOf(Float32Array.of(-3, 2.5)), 'average-range', true)).toBe(4);
    expect([0.3, 4, 4.01, 0].map(roundUpToPowerOfTwo)).toEqual([0.5, 4, 8, 0]);
  });

  it.each(['average-range', 'kullback-leibler', 'quantile:0.9'])('are 0 for a tensor of zeros: %s', (method) => {
    expect(estimate(statisticsOf(new Float32Array(100)), method)).toBe(0);
  });

  it.each(['max', 'quantile:', 'quantile:0', 'quantile:1.5', 'quantile:-1', 'quantile:NaN', ''])(
    'refuse "%s"',
    (text) => {
      expect(() => parseThresholdMethod(text)).toThrow(expect.objectContaining({ kind: 'invalid_argument' }));
    },
  );
});
