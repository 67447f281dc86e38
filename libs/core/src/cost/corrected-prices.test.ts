import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PrecisionPolicy, uniformPolicy } from '../policy/policy.js';
import type { TargetMetric } from './budget.js';
import { correctPrices, factorOf } from './corrected-prices.js';
import type { PolicyCost } from './policy-cost.js';

const bitsOf = ({ layers }: PrecisionPolicy) => layers.reduce((sum, { weightBits }) => sum + weightBits, 0);
const prior = (policy: PrecisionPolicy): PolicyCost => {
  const size = { sizeBytes: bitsOf(policy), bops: 0, effectiveBits: 8 };
  return { latencyMs: 2 * bitsOf(policy), energyMj: bitsOf(policy), ...size };
};
const onTwo = (policy: PrecisionPolicy): PolicyCost => ({
  ...prior(policy),
  targets: [
    { hardware: 'edge', latencyMs: 2 * bitsOf(policy), energyMj: bitsOf(policy) },
    { hardware: 'cloud', latencyMs: bitsOf(policy), energyMj: undefined },
  ],
});
const latency: TargetMetric = { metric: 'latency', target: undefined };
const bounds = (limit: number) => ({
  fitting: uniformPolicy(2, 1),
  constraints: [
    {
      ...{ ...latency, limit, reference: 32, smallest: 4 },
      asked: { metric: 'latency', limit: { kind: 'absolute', value: limit } } as const,
    },
  ],
});
const times = (factor: number) => (policy: PrecisionPolicy) => {
  const cost = prior(policy);
  return { policy, cost: { ...cost, latencyMs: (cost.latencyMs ?? 0) * factor } };
};
const policies = [8, 6, 4, 2].map((bits) => uniformPolicy(2, bits));
const ratios = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 12 });

describe('prices corrected by evaluations', () => {
  it('are the prior until something was learned, and for ever where the table is the truth', () => {
    const additive = correctPrices(prior, [], bounds(20));
    additive.learn(policies.map(times(2)));
    expect(additive.cost).toBe(prior);
    expect(additive.version()).toBe(0);
    expect(correctPrices(prior, [latency], bounds(20)).cost(uniformPolicy(2, 5))).toEqual(prior(uniformPolicy(2, 5)));
  });

  it('are exact where the hardware is off by one factor, and leave all else alone', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 4, noNaN: true }), fc.integer({ min: 1, max: 8 }), (factor, bits) => {
        const prices = correctPrices(prior, [latency], bounds(20));
        prices.learn(policies.map(times(factor)));
        const corrected = prices.cost(uniformPolicy(2, bits));
        expect(corrected.latencyMs).toBeCloseTo(4 * bits * factor, 9);
        expect({ ...corrected, latencyMs: 0 }).toEqual({ ...prior(uniformPolicy(2, bits)), latencyMs: 0 });
      }),
    );
  });

  it("correct the target that is off, and the policy's own cost where that is the first", () => {
    const prices = correctPrices(onTwo, [{ metric: 'latency', target: 'edge' }], { ...bounds(99), constraints: [] });
    const evaluated = (policy: PrecisionPolicy) => {
      const cost = onTwo(policy);
      const targets = cost.targets?.map((one) =>
        one.hardware === 'edge' ? { ...one, latencyMs: 3 * bitsOf(policy) } : one,
      );
      return { policy, cost: { ...cost, targets } };
    };
    prices.learn(policies.map(evaluated));
    const corrected = prices.cost(uniformPolicy(2, 4));
    expect(corrected.latencyMs).toBeCloseTo(24, 9);
    expect(corrected.targets?.map(({ latencyMs }) => Number(latencyMs?.toFixed(6)))).toEqual([24, 8]);
  });

  it('say of the policy that is known to fit that it does, whatever was learned', () => {
    fc.assert(
      fc.property(ratios, fc.double({ min: 1, max: 50, noNaN: true }), (found, limit) => {
        const prices = correctPrices(prior, [latency], bounds(limit));
        prices.learn(found.map((factor, index) => times(factor)(policies[index % 4] as PrecisionPolicy)));
        expect(prices.cost(bounds(limit).fitting).latencyMs).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('change their version when they change, and only then', () => {
    const prices = correctPrices(prior, [latency], bounds(20));
    prices.learn(policies.map(times(1.5)));
    expect(prices.version()).toBe(1);
    prices.learn([...policies.map(times(1.5))].reverse());
    expect(prices.version()).toBe(1);
    prices.learn(policies.map(times(1.6)));
    expect(prices.version()).toBe(2);
  });

  it('learn nothing from a policy whose cost is not known', () => {
    const prices = correctPrices(prior, [latency], bounds(20));
    const policy = uniformPolicy(2, 4);
    prices.learn([{ policy, cost: { ...prior(policy), latencyMs: undefined } }]);
    expect(prices.version()).toBe(0);
  });
});

describe('the factor of a correction', () => {
  it('lies between the mean and the largest of what was found, and does not depend on its order', () => {
    fc.assert(
      fc.property(ratios, (found) => {
        const factor = factorOf(found);
        const mean = Math.exp(found.reduce((sum, ratio) => sum + Math.log(ratio), 0) / found.length);
        expect(factor).toBeGreaterThanOrEqual(mean * (1 - 1e-9));
        expect(factor).toBeLessThanOrEqual(Math.max(...found));
        expect(factorOf([...found].reverse())).toBe(factor);
      }),
    );
  });

  it('is 1 as long as nothing is known', () => {
    expect(factorOf([])).toBe(1);
  });
});
