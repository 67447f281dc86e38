import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointsByThreshold, pointsOfTotal, pointsWithinBudget } from './allocate-points.js';

const demand = (errors: readonly number[], cost = 1) => ({ errors, cost });

const demands = fc.array(
  fc
    .tuple(fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 50 }))
    .map(([errors, cost]) =>
      demand(
        errors.toSorted((a, b) => b - a),
        cost,
      ),
    ),
  { maxLength: 12 },
);

describe('points by a threshold', () => {
  it('are the fewest that are good enough, or all there are', () => {
    expect(pointsByThreshold([demand([0.4, 0.1, 0.02]), demand([0.04]), demand([0.4, 0.3])], 0.1)).toEqual(
      Uint8Array.of(2, 1, 2),
    );
  });
});

describe('points within a budget', () => {
  it('go where they remove the most error per bit', () => {
    const channels = [demand([0.9, 0.1, 0]), demand([0.5, 0.4]), demand([0.9, 0.1], 10)];
    expect(pointsWithinBudget(channels, 0)).toEqual(Uint8Array.of(1, 1, 1));
    expect(pointsWithinBudget(channels, 1)).toEqual(Uint8Array.of(2, 1, 1));
    expect(pointsWithinBudget(channels, 3)).toEqual(Uint8Array.of(3, 2, 1));
    expect(pointsWithinBudget(channels, 13)).toEqual(Uint8Array.of(3, 2, 2));
  });

  it('come together where only both help', () => {
    const channels = [demand([0.5, 0.49, 0]), demand([0.5, 0.3]), demand([0.5, 0.1])];
    expect(pointsWithinBudget(channels, 1)).toEqual(Uint8Array.of(1, 1, 2));
    expect(pointsWithinBudget(channels, 3)).toEqual(Uint8Array.of(3, 1, 2));
  });

  it('are not spent where they remove nothing', () => {
    expect(pointsWithinBudget([demand([0, 0, 0])], 100)).toEqual(Uint8Array.of(1));
  });

  it('keep to the budget, and a larger one leaves no more error', () => {
    fc.assert(
      fc.property(demands, fc.nat(200), (channels, budget) => {
        const counts = pointsWithinBudget(channels, budget);
        const spent = channels.reduce((sum, { cost }, index) => sum + cost * ((counts[index] as number) - 1), 0);
        expect(spent).toBeLessThanOrEqual(budget);
        const everything = pointsWithinBudget(channels, 1e9);
        channels.forEach(({ errors }, index) => {
          expect(errors[(everything[index] as number) - 1]).toBe(errors.at(-1));
          expect(errors[(counts[index] as number) - 1]).toBeLessThanOrEqual(errors[0] as number);
        });
      }),
    );
  });
});

describe('points of a total', () => {
  it('are as many, also where they remove nothing, at most as many as channels may have', () => {
    fc.assert(
      fc.property(demands, fc.nat(40), (channels, further) => {
        const [least, most] = [channels.length, channels.reduce((sum, { errors }) => sum + errors.length, 0)];
        const counts = pointsOfTotal(channels, Math.min(most, least + further));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(Math.min(most, least + further));
        expect(counts.every((count, channel) => count <= (channels[channel]?.errors.length ?? 0))).toBe(true);
      }),
    );
  });

  it('go where they remove the most error, whatever a point costs', () => {
    expect(pointsOfTotal([demand([0.9, 0.5, 0.4], 7), demand([0.9, 0.3, 0.3], 7)], 4)).toEqual(Uint8Array.of(2, 2));
    expect(pointsOfTotal([demand([0.5, 0.5, 0.5]), demand([0.5, 0.4])], 5)).toEqual(Uint8Array.of(3, 2));
  });
});
