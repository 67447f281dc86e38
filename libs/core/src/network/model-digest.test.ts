import { describe, expect, it } from 'vitest';
import { SMALL_NETWORK } from '../fixtures/small-network.js';
import { modelDigest, networkDigest } from './model-digest.js';
import type { Network, ParameterTensor } from './network.js';

const parameters = (...entries: [string, ParameterTensor][]) => new Map(entries);
const weight = (...values: number[]): ParameterTensor => ({
  shape: [values.length],
  values: Float32Array.from(values),
});

describe('the digest of a network', () => {
  it('does not depend on the order in which its parts were written', () => {
    const reversed = <T>(part: T): T => {
      if (Array.isArray(part)) return part.map(reversed) as T;
      if (part === null || typeof part !== 'object') return part;
      return Object.fromEntries(
        Object.entries(part)
          .map(([key, value]) => [key, reversed(value)])
          .reverse(),
      ) as T;
    };
    expect(networkDigest(reversed<Network>(SMALL_NETWORK))).toBe(networkDigest(SMALL_NETWORK));
  });

  it('changes with its structure', () => {
    expect(networkDigest({ ...SMALL_NETWORK, classes: 11 })).not.toBe(networkDigest(SMALL_NETWORK));
    const nodes = [...SMALL_NETWORK.nodes].reverse();
    expect(networkDigest({ ...SMALL_NETWORK, nodes })).not.toBe(networkDigest(SMALL_NETWORK));
  });
});

describe('the digest of a model', () => {
  const network = SMALL_NETWORK;
  const digest = modelDigest({ network, parameters: parameters(['a.weight', weight(1, 2)], ['b.bias', weight(3)]) });

  it('does not depend on the order of the parameters', () => {
    const shuffled = parameters(['b.bias', weight(3)], ['a.weight', weight(1, 2)]);
    expect(modelDigest({ network, parameters: shuffled })).toBe(digest);
  });

  it.each([
    ['a value', parameters(['a.weight', weight(1, 2.5)], ['b.bias', weight(3)])],
    ['a name', parameters(['a.weight', weight(1, 2)], ['c.bias', weight(3)])],
    ['a shape', parameters(['a.weight', { ...weight(1, 2), shape: [2, 1] }], ['b.bias', weight(3)])],
  ])('changes with %s', (_what, changed) => {
    expect(modelDigest({ network, parameters: changed })).not.toBe(digest);
  });

  it('reads a view of a larger buffer, not the buffer', () => {
    const view = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const viewed = parameters(['a.weight', { shape: [2], values: view }], ['b.bias', weight(3)]);
    expect(modelDigest({ network, parameters: viewed })).toBe(digest);
  });
});
