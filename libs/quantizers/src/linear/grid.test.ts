import { describe, expect, it } from 'vitest';
import { codeRange, linearGrid, linearGrids, SMALLEST_SCALE } from './grid.js';

describe('the codes of a grid', () => {
  it('are symmetric when signed', () => {
    expect(codeRange(2, true)).toEqual({ lowest: -1, highest: 1, binary: false });
    expect(codeRange(4, true)).toEqual({ lowest: -7, highest: 7, binary: false });
    expect(codeRange(8, true)).toEqual({ lowest: -127, highest: 127, binary: false });
  });

  it('start at zero when unsigned', () => {
    expect(codeRange(1, false)).toEqual({ lowest: 0, highest: 1, binary: false });
    expect(codeRange(8, false)).toEqual({ lowest: 0, highest: 255, binary: false });
  });

  it('are minus and plus one for one signed bit', () => {
    expect(codeRange(1, true)).toEqual({ lowest: -1, highest: 1, binary: true });
  });

  it.each([0, 9, 2.5, 32, Number.NaN])('are refused for %s bits', (bits) => {
    expect(() => codeRange(bits, true)).toThrow(expect.objectContaining({ kind: 'invalid_argument', reason: 'BITS' }));
  });
});

describe('a linear grid', () => {
  it('ends at the clip threshold', () => {
    expect(linearGrid(7, 4, true).scale).toBe(1);
    expect(linearGrid(15, 4, false).scale).toBe(1);
    expect(linearGrid(0.5, 1, true).scale).toBe(0.5);
  });

  it('has a float32 scale', () => {
    const { scale } = linearGrid(1, 4, true);
    expect(scale).toBe(Math.fround(1 / 7));
  });

  it('keeps a scale that can be divided by when the threshold is zero or denormal', () => {
    expect(linearGrid(0, 8, true).scale).toBe(SMALLEST_SCALE);
    expect(linearGrid(1e-45, 8, false).scale).toBe(SMALLEST_SCALE);
    expect(Math.fround(SMALLEST_SCALE)).toBe(SMALLEST_SCALE);
  });

  it('is made once for each threshold', () => {
    expect(linearGrids(Float32Array.of(7, 14), 4, true).map(({ scale }) => scale)).toEqual([1, 2]);
  });
});
