import { expect, test } from 'vitest';
import { frontMetric } from './front-metric.js';
import type { Report } from './report.js';

const costs = { latencyMs: 1, energyMj: 2, sizeBytes: 3_000, bops: 5_000_000, effectiveBits: 4 };

function reportWith(metric: string | undefined, result: Partial<typeof costs> = costs): Report {
  const constraints = metric === undefined ? [] : [{ metric, limit: 6_000_000, reference: 12_000_000 }];
  const layers = [{ weights: 4_000 }, { weights: 2_000 }];
  return { result, constraints, layers } as unknown as Report;
}

test('a first limit on bit operations makes them the metric of the front', () => {
  const { label, of, limit, reference } = frontMetric(reportWith('bops'));
  expect({ label, limit, reference }).toEqual({ label: 'million bit operations', limit: 6, reference: 12 });
  expect(of(costs)).toBe(5);
});

test('reports of earlier versions, which do not count bit operations, are drawn by size', () => {
  const { bops: _, ...old } = costs;
  for (const report of [reportWith('bops', old), reportWith(undefined, old)]) {
    const { label, of, limit, reference } = frontMetric(report);
    expect({ label, limit, reference }).toEqual({ label: 'kB', limit: undefined, reference: 6 });
    expect(of(old)).toBe(3);
  }
});
