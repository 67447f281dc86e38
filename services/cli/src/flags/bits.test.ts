import { describe, expect, it } from 'vitest';
import { readBits } from './bits.js';

describe('readBits', () => {
  it.each([
    ['1-8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['8,2,4', [2, 4, 8]],
    ['2-4,8', [2, 3, 4, 8]],
    ['4', [4]],
    ['4,4', [4]],
    ['float', [32]],
    ['8, 32', [8, 32]],
  ])('reads %s', (text, bits) => {
    expect(readBits(text)).toEqual(bits);
  });

  it.each(['', '0', '9', '8-2', '1-9', '2;4', 'eight', '2,,4'])('refuses "%s" and says what to write', (text) => {
    expect(() => readBits(text)).toThrow(/write bits from 1 to 8 such as 1-8 or 2,4,8, or float/);
  });
});
