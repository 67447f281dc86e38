import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import { DEFAULT_SCHEME, uniformPolicy } from './policy.js';
import {
  createPrecisionSpace,
  isInSpace,
  nearestChoice,
  pinnedUniformPolicy,
  smallestPolicy,
  uniformInSpace,
} from './precision-space.js';

const BITS = [2, 4, 6];
const pinned = createPrecisionSpace(SMALL_LAYERS, {
  ...DEFAULT_SCHEME,
  weightBits: BITS,
  activationBits: BITS,
  pin: 'first-last',
});
const free = createPrecisionSpace(SMALL_LAYERS, {
  ...DEFAULT_SCHEME,
  weightBits: BITS,
  activationBits: BITS,
  pin: 'none',
});

describe('a precision space', () => {
  it('keeps the first and the last layer at 8 bits when pinned', () => {
    expect(pinned.layers.map(({ weightBits }) => weightBits)).toEqual([[8], BITS, BITS, BITS, BITS, [8]]);
    expect(pinned.layers.map(({ activationBits }) => activationBits)).toEqual([[8], BITS, BITS, BITS, BITS, [8]]);
  });

  it('gives every layer the same choices when not pinned', () => {
    expect(free.layers.every(({ weightBits }) => weightBits === BITS)).toBe(true);
  });

  it('leaves activations in float when the search is for weights only, pinned layers too', () => {
    const weightsOnly = { ...DEFAULT_SCHEME, weightBits: BITS, activationBits: [32], pin: 'first-last' as const };
    const space = createPrecisionSpace(SMALL_LAYERS, weightsOnly);
    expect(space.layers.every(({ activationBits }) => activationBits.join() === '32')).toBe(true);
    expect(space.layers[0]?.weightBits).toEqual([8]);
  });

  it('carries the scheme', () => {
    expect(pinned).toMatchObject(DEFAULT_SCHEME);
    expect(smallestPolicy(pinned)).toMatchObject(DEFAULT_SCHEME);
  });
});

describe('policies of a space', () => {
  it('are smallest with the fewest bits everywhere', () => {
    expect(smallestPolicy(free).layers.every(({ weightBits }) => weightBits === 2)).toBe(true);
    expect(smallestPolicy(pinned).layers.map(({ activationBits }) => activationBits)).toEqual([8, 2, 2, 2, 2, 8]);
  });

  it('are near to uniform: pins hold, choices round down', () => {
    expect(uniformInSpace(pinned, 5, 8).layers.map(({ weightBits }) => weightBits)).toEqual([8, 4, 4, 4, 4, 8]);
    expect(uniformInSpace(pinned, 5, 8).layers.map(({ activationBits }) => activationBits)).toEqual([8, 6, 6, 6, 6, 8]);
    expect(uniformInSpace(free, 1).layers.every(({ weightBits }) => weightBits === 2)).toBe(true);
  });

  it('are in it, and others are not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (weightBits, activationBits) => {
        expect(isInSpace(pinned, uniformInSpace(pinned, weightBits, activationBits))).toBe(true);
      }),
    );
    expect(isInSpace(pinned, uniformPolicy(6, 4))).toBe(false);
    expect(isInSpace(free, uniformPolicy(6, 4))).toBe(true);
    expect(isInSpace(free, uniformPolicy(6, 3))).toBe(false);
    expect(isInSpace(free, uniformPolicy(5, 4))).toBe(false);
  });
});

describe('the nearest choice', () => {
  it('is the highest one not above, or the lowest there is', () => {
    expect([1, 2, 3, 4, 8].map((bits) => nearestChoice([2, 4, 6], bits))).toEqual([2, 2, 2, 4, 6]);
    expect(nearestChoice([32], 8)).toBe(32);
  });
});

it.each(['first-last', 'none'] as const)('uniform bits with pins are the only policy of their space: %s', (pin) => {
  const options = { ...DEFAULT_SCHEME, weightBits: [5], activationBits: [5], pin };
  const only = uniformInSpace(createPrecisionSpace(SMALL_LAYERS, options), 5);
  expect(pinnedUniformPolicy(SMALL_LAYERS.length, 5, pin)).toEqual(only);
});
