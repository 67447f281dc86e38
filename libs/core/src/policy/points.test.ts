import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOfPolicy } from '../cost/policy-cost.js';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import type { Layer } from '../network/layers.js';
import { formatPointAllocation, parsePointAllocation } from './point-allocation-text.js';
import {
  furtherPointBits,
  type PointAllocation,
  pointFigures,
  pointsPerChannel,
  withoutLayerPoints,
} from './points.js';
import { assertPolicyFits, canonicalPolicy, type PrecisionPolicy, uniformPolicy } from './policy.js';

const count = SMALL_LAYERS.length;
const ratio: PointAllocation = { rule: 'size-ratio', limit: 1.5, maximumPoints: 4 };
const policyOf = (bits: number, points?: PointAllocation): PrecisionPolicy => ({
  ...uniformPolicy(count, bits, 8),
  weightQuantizer: 'multipoint',
  ...(points && { points }),
});
const onePoint = SMALL_LAYERS.map(({ outChannels }) => outChannels);
const sizeOf = (policy: PrecisionPolicy) => costOfPolicy(SMALL_LAYERS, undefined, policy).sizeBytes;

describe('a multipoint policy', () => {
  it('takes codes and a 4-byte coefficient for each point', () => {
    const twice = onePoint.map((points) => 2 * points);
    const expected = SMALL_LAYERS.reduce(
      (sum, { weights, outChannels }) => sum + (weights * 2) / 8 + 4 * outChannels,
      0,
    );
    expect(sizeOf({ ...policyOf(2), layerPoints: onePoint })).toBeCloseTo(expected, 9);
    expect(sizeOf({ ...policyOf(2), layerPoints: twice })).toBeCloseTo(2 * expected, 9);
  });

  it('does the work of its points', () => {
    const layerPoints = onePoint.map((points) => 2 * points);
    const plain = costOfPolicy(SMALL_LAYERS, undefined, uniformPolicy(count, 2, 8));
    const cost = costOfPolicy(SMALL_LAYERS, undefined, { ...policyOf(2), layerPoints });
    expect(cost.bops).toBeCloseTo(2 * plain.bops, 6);
    expect(cost.effectiveBits).toBeCloseTo(2 * plain.effectiveBits, 9);
    const figures = pointFigures({ ...policyOf(2), layerPoints }, SMALL_LAYERS);
    expect(figures).toMatchObject({ sizeBytes: cost.sizeBytes, operationsRatio: 2 });
    expect(pointFigures(policyOf(2), SMALL_LAYERS)).toBeUndefined();
  });

  it('is as a plain one at 8 bits', () => {
    expect(costOfPolicy(SMALL_LAYERS, undefined, policyOf(8, ratio))).toEqual(
      costOfPolicy(SMALL_LAYERS, undefined, uniformPolicy(count, 8)),
    );
  });

  it('is expected to take what its allocation by size has room for', () => {
    const single = sizeOf({ ...policyOf(2), layerPoints: onePoint });
    expect(sizeOf(policyOf(2, ratio))).toBeCloseTo(1.5 * single, 6);
    expect(sizeOf(policyOf(2, { ...ratio, rule: 'size', limit: 2 * single }))).toBeCloseTo(2 * single, 6);
    expect(furtherPointBits(policyOf(2, ratio), SMALL_LAYERS)).toBeCloseTo(4 * single, 6);
  });

  it('is expected to have one point for each channel where errors decide', () => {
    expect(furtherPointBits(policyOf(2), SMALL_LAYERS)).toBeUndefined();
    expect(pointsPerChannel(policyOf(2), SMALL_LAYERS)).toEqual(SMALL_LAYERS.map(() => 1));
  });

  it('has a canonical form of its own for each allocation, and as many points', () => {
    const policies = [
      uniformPolicy(count, 2, 8),
      policyOf(2),
      policyOf(2, ratio),
      policyOf(2, { ...ratio, limit: 2 }),
      { ...policyOf(2, ratio), layerPoints: onePoint },
    ];
    expect(new Set(policies.map(canonicalPolicy)).size).toBe(policies.length);
    expect(withoutLayerPoints({ ...policyOf(2, ratio), layerPoints: onePoint })).toEqual(policyOf(2, ratio));
  });
});

describe('points that cannot be', () => {
  const refused = (policy: PrecisionPolicy, layers: readonly Layer[] = SMALL_LAYERS) => {
    try {
      assertPolicyFits(policy, layers);
      return [];
    } catch (error) {
      return (error as { violations: { field: string }[] }).violations.map(({ field }) => field);
    }
  };

  it('are refused, all at once, by their fields', () => {
    const wrong = onePoint.map((points, index) => (index === 0 ? points - 1 : 9 * points));
    const fields = refused({ ...policyOf(2, { ...ratio, limit: 0.5, maximumPoints: 9 }), layerPoints: wrong });
    const counts = wrong.map((_, index) => `policy.layerPoints[${index}]`);
    expect(fields).toEqual(['policy.points.limit', 'policy.points.maximumPoints', ...counts]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('are refused with a limit of %s', (limit) => {
    expect(refused(policyOf(2, { ...ratio, rule: 'relative-error', limit }))).toEqual(['policy.points.limit']);
  });

  it('are refused outside of multipoint, for a layer at 8 bits, and for another number of layers', () => {
    expect(refused({ ...uniformPolicy(count, 2), points: ratio })).toEqual(['policy.points']);
    const layerPoints = onePoint.map((points) => 2 * points);
    expect(refused({ ...policyOf(8), layerPoints })).toHaveLength(count);
    expect(refused({ ...policyOf(2), layerPoints: [1] })).toEqual(['policy.layerPoints']);
    expect(refused({ ...policyOf(2), layerPoints })).toEqual([]);
  });
});

describe('the text of an allocation', () => {
  it('is read', () => {
    expect(parsePointAllocation('size<=1.5x')).toEqual(ratio);
    expect(parsePointAllocation('size <= 60kB', 2)).toEqual({ rule: 'size', limit: 60_000, maximumPoints: 2 });
    expect(parsePointAllocation('Relative-Error<=5e-2').limit).toBe(0.05);
  });

  it('is written as it is read', () => {
    const rules = fc.constantFrom('relative-error', 'absolute-error', 'size-ratio', 'size');
    const limits = fc.double({ min: 1, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(rules, limits, (rule, limit) => {
        const allocation = { rule, limit, maximumPoints: 4 } as const;
        expect(parsePointAllocation(formatPointAllocation(allocation))).toEqual(allocation);
      }),
    );
  });

  it.each(['', 'size', 'latency<=2x', 'size<=0.5x', 'size<=3 apples', 'relative-error<=x', 'relative-error<=0.1x'])(
    'is refused: "%s"',
    (text) => {
      expect(() => parsePointAllocation(text)).toThrow(expect.objectContaining({ kind: 'invalid_argument' }));
    },
  );
});
