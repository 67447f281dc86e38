import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';

describe('canonicalJson', () => {
  it('gives one text whatever the order of the keys, at every depth', () => {
    expect(canonicalJson({ b: { d: 1, c: [2, { f: 3, e: 4 }] }, a: 0 })).toBe(
      '{"a":0,"b":{"c":[2,{"e":4,"f":3}],"d":1}}',
    );
  });

  it('takes an undefined member as absent', () => {
    expect(canonicalJson({ batch: undefined, name: 'x' })).toBe(canonicalJson({ name: 'x' }));
  });

  it('keeps the order of arrays, which has a meaning', () => {
    expect(canonicalJson([2, 1])).not.toBe(canonicalJson([1, 2]));
  });

  it('keeps a member named __proto__', () => {
    expect(canonicalJson(JSON.parse('{"__proto__":1}'))).toBe('{"__proto__":1}');
  });
});
