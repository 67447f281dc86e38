import { createRandomSource } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { composeBatch } from './batch-composer.js';

const samples = {
  images: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  labels: Int32Array.of(7, 9),
  count: 2,
  height: 2,
  width: 2,
  channels: 1,
};

describe('a batch', () => {
  it('has the chosen samples, padded with zeros', () => {
    const batch = composeBatch(samples, Uint32Array.of(1, 0), { imageSize: 4, padding: 1 });
    expect(Array.from(batch.images.subarray(0, 16))).toEqual([0, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8, 0, 0, 0, 0, 0]);
    expect(Array.from(batch.images.subarray(16))).toEqual([0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0]);
    expect(Array.from(batch.labels)).toEqual([9, 7]);
  });

  it('moves and mirrors images as the random source says, losing only what leaves the picture', () => {
    const random = createRandomSource(1);
    const seen = new Set<string>();
    for (let turn = 0; turn < 200; turn += 1) {
      const { images } = composeBatch(
        samples,
        Uint32Array.of(0),
        { imageSize: 2, padding: 0 },
        { flip: true, shift: 1, random },
      );
      seen.add(images.join(''));
    }
    expect(seen.has('1234')).toBe(true);
    expect(seen.has('2143')).toBe(true);
    expect(seen.has('0001')).toBe(true);
    expect(seen.size).toBe(18);
  });

  it('mirrors colours together', () => {
    const colour = { ...samples, images: Uint8Array.of(1, 2, 3, 4), height: 1, width: 2, channels: 2, count: 1 };
    const random = { ...createRandomSource(1), uniform: () => 0 };
    const { images } = composeBatch(
      colour,
      Uint32Array.of(0),
      { imageSize: 2, padding: 0 },
      { flip: true, shift: 0, random },
    );
    expect(Array.from(images)).toEqual([3, 4, 1, 2, 0, 0, 0, 0]);
  });
});
