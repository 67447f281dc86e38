import type { RandomSource } from './ports/random-source.js';

/** A seeded random source (xoshiro128**, seeded by splitmix32). Its state can be saved and restored. */
export function createRandomSource(seed: number | readonly number[]): RandomSource {
  const state = typeof seed === 'number' ? seedState(seed) : Uint32Array.from(seed);
  const nextUint32 = () => {
    const result = Math.imul(rotateLeft(Math.imul(state[1] as number, 5), 7), 9) >>> 0;
    const shifted = (state[1] as number) << 9;
    xorInto(state, 2, 0);
    xorInto(state, 3, 1);
    xorInto(state, 1, 2);
    xorInto(state, 0, 3);
    state[2] = (state[2] as number) ^ shifted;
    state[3] = rotateLeft(state[3] as number, 11);
    return result;
  };
  const uniform = () => ((nextUint32() >>> 5) * 67108864 + (nextUint32() >>> 6)) / 9007199254740992;
  return {
    uniform,
    integer: (bound) => Math.floor(uniform() * bound),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    state: () => [...state],
  };
}

/** A new seed from a seed and what it is for, so that parts of a run do not share a stream. */
export function deriveSeed(seed: number, purpose: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const character of purpose) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash & 0x7fffffff;
}

/** A random order of 0..count-1 (Fisher-Yates). */
export function permutation(count: number, random: RandomSource): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = random.integer(last + 1);
    const value = order[last] as number;
    order[last] = order[other] as number;
    order[other] = value;
  }
  return order;
}

function seedState(seed: number): Uint32Array {
  let value = seed >>> 0;
  return Uint32Array.from({ length: 4 }, () => {
    value = (value + 0x9e3779b9) >>> 0;
    let mixed = value;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  });
}

const rotateLeft = (value: number, by: number) => ((value << by) | (value >>> (32 - by))) >>> 0;

function xorInto(state: Uint32Array, target: number, source: number): void {
  state[target] = (state[target] as number) ^ (state[source] as number);
}
