import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SMALL_LAYERS } from '../fixtures/small-network.js';
import {
  assertPolicyFits,
  canonicalPolicy,
  FLOAT_BITS,
  type PrecisionPolicy,
  policyHash,
  uniformPolicy,
} from './policy.js';

const anyBits = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, FLOAT_BITS);
const anyPolicy: fc.Arbitrary<PrecisionPolicy> = fc.record({
  weightQuantizer: fc.constantFrom('linear', 'k-means'),
  granularity: fc.constantFrom('per-tensor', 'per-channel'),
  layers: fc.array(fc.record({ weightBits: anyBits, activationBits: anyBits }), { maxLength: 6 }),
});

describe('a uniform policy', () => {
  it('has the same bits everywhere; activations follow the weights unless given', () => {
    expect(uniformPolicy(2, 4).layers).toEqual([
      { weightBits: 4, activationBits: 4 },
      { weightBits: 4, activationBits: 4 },
    ]);
    expect(uniformPolicy(1, 4, 8).layers).toEqual([{ weightBits: 4, activationBits: 8 }]);
  });

  it('uses the scheme it is given', () => {
    const scheme = { weightQuantizer: 'k-means', granularity: 'per-tensor' } as const;
    expect(uniformPolicy(1, 2, FLOAT_BITS, scheme)).toMatchObject(scheme);
  });
});

describe('the canonical form of a policy', () => {
  it('is a short text', () => {
    expect(canonicalPolicy(uniformPolicy(2, 4, 8))).toBe('v1;linear;per-channel;4/8,4/8');
  });

  it('is equal for equal policies, and only for them', () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(canonicalPolicy(one) === canonicalPolicy(other)).toBe(same);
        expect(canonicalPolicy(structuredClone(one))).toBe(canonicalPolicy(one));
      }),
    );
  });

  it('is what the hash is of, so that the order of keys does not count', () => {
    const policy = uniformPolicy(3, 5);
    const reordered = {
      layers: policy.layers,
      granularity: policy.granularity,
      weightQuantizer: policy.weightQuantizer,
    };
    expect(policyHash(reordered)).toBe(policyHash(policy));
    expect(policyHash(policy)).toMatch(/^[0-9a-f]{64}$/);
    expect(policyHash(uniformPolicy(3, 6))).not.toBe(policyHash(policy));
  });
});

describe('a policy for a network', () => {
  it('is accepted with bits from 1 to 8 or float', () => {
    for (const bits of [1, 8, FLOAT_BITS]) assertPolicyFits(uniformPolicy(SMALL_LAYERS.length, bits), SMALL_LAYERS);
  });

  it('is refused with the wrong number of layers, naming both numbers', () => {
    const act = () => assertPolicyFits(uniformPolicy(5, 8), SMALL_LAYERS);
    expect(act).toThrow(expect.objectContaining({ kind: 'invalid_argument', reason: 'POLICY_LENGTH' }));
    expect(act).toThrow('has 5 layers, the network has 6');
  });

  it.each([0, 9, 2.5, 16, Number.NaN])('is refused with %s bits, naming the layer and the field', (bits) => {
    const layers = uniformPolicy(6, 8).layers.map((layer, index) =>
      index === 3 ? { ...layer, activationBits: bits } : layer,
    );
    const act = () => assertPolicyFits({ ...uniformPolicy(6, 8), layers }, SMALL_LAYERS, 'request.policy');
    expect(act).toThrow(expect.objectContaining({ kind: 'invalid_argument', reason: 'BITS' }));
    expect(act).toThrow('request.policy.layers[3].activationBits');
  });
});
