import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomSource, deriveSeed, permutation } from './random.js';

const draw = (count: number, next: () => number) => Array.from({ length: count }, next);

describe('a random source', () => {
  // xoshiro128** from the state 1, 2, 3, 4 gives 11520, 0, 5927040, 70819200, …; two of them make one number.
  it('is xoshiro128**', () => {
    const random = createRandomSource([1, 2, 3, 4]);
    const expected = [2.682209014892578e-6, 0.0013799966610139602, 0.4730471102982654, 0.29970869324795935];
    expect(draw(4, random.uniform)).toEqual(expected);
  });

  it('is seeded by splitmix32', () => {
    expect(createRandomSource(42).state()).toEqual([551831576, 144025891, 322543647, 3034809370]);
  });

  it('repeats itself for a seed and differs for another', () => {
    const [first, again, other] = [createRandomSource(7), createRandomSource(7), createRandomSource(8)];
    const numbers = draw(10, first.uniform);
    expect(draw(10, again.uniform)).toEqual(numbers);
    expect(draw(10, other.uniform)).not.toEqual(numbers);
  });

  it('goes on from a saved state as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.nat(20), (seed, steps) => {
        const random = createRandomSource(seed);
        draw(steps, random.normal);
        const restored = createRandomSource(random.state());
        expect(draw(5, restored.normal)).toEqual(draw(5, random.normal));
      }),
    );
  });

  it('hands out a copy of its state', () => {
    const random = createRandomSource(1);
    const state = random.state();
    random.uniform();
    expect(random.state()).not.toEqual(state);
    expect(createRandomSource(state).state()).toEqual(state);
  });

  it('is uniform on [0, 1)', () => {
    const random = createRandomSource(3);
    const numbers = draw(20_000, random.uniform);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
  });

  it('has normal numbers of mean zero and variance one', () => {
    const numbers = draw(20_000, createRandomSource(3).normal);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / numbers.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    expect(numbers.every(Number.isFinite)).toBe(true);
  });

  it('draws every integer below a bound and no other', () => {
    const random = createRandomSource(3);
    expect(new Set(draw(500, () => random.integer(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});

describe('a derived seed', () => {
  it('depends on the seed and on the purpose', () => {
    const seeds = [deriveSeed(1, 'noise'), deriveSeed(1, 'warm-up'), deriveSeed(2, 'noise')];
    expect(new Set(seeds).size).toBe(3);
    expect(deriveSeed(1, 'noise')).toBe(seeds[0]);
  });

  it('is a whole number below 2^31', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), (seed, purpose) => {
        const derived = deriveSeed(seed, purpose);
        expect(Number.isInteger(derived) && derived >= 0 && derived < 2 ** 31).toBe(true);
      }),
    );
  });
});

describe('a permutation', () => {
  it('holds each index once', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(), (count, seed) => {
        const order = permutation(count, createRandomSource(seed));
        expect(Array.from(order).sort((a, b) => a - b)).toEqual(draw(count, () => 0).map((_, index) => index));
      }),
    );
  });

  it('reaches all orders equally often', () => {
    const random = createRandomSource(11);
    const counts = new Map<string, number>();
    for (let trial = 0; trial < 6000; trial += 1) {
      const order = permutation(3, random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
