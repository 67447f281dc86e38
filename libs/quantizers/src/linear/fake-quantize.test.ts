import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clipThreshold } from '../clipping/threshold.js';
import { anyBits, anyBitsAboveOne, anyTensor, anyUnsignedTensor, DEGENERATE_TENSORS } from '../fixtures/tensors.js';
import { fakeQuantize, fakeQuantizePerChannel } from './fake-quantize.js';
import { linearGrid, linearGrids } from './grid.js';

const anyThreshold = fc.float({ min: Math.fround(1e-30), max: 1e6, noNaN: true });
const anyGrid = fc
  .tuple(anyThreshold, anyBits, fc.boolean())
  .map(([threshold, bits, signed]) => linearGrid(threshold, bits, signed));
const anyGridWithZero = anyGrid.filter(({ binary }) => !binary);

describe('fake quantization', () => {
  it('rounds to the nearest step, halves to even', () => {
    const values = Float32Array.of(-2.5, -1.5, -0.5, -0.4, 0, 0.5, 0.6, 1.5, 2.5, 3.5);
    const rounded = [-2, -2, 0, 0, 0, 0, 1, 2, 2, 4];
    expect(Array.from(fakeQuantize(values, linearGrid(7, 4, true)))).toEqual(rounded);
  });

  it('clips to both ends', () => {
    const values = Float32Array.of(-100, -0.2, 100, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    expect(Array.from(fakeQuantize(values, linearGrid(7, 4, true)))).toEqual([-7, 0, 7, -7, 7]);
    expect(Array.from(fakeQuantize(values, linearGrid(15, 4, false)))).toEqual([0, 0, 15, 0, 15]);
  });

  it('gives the sign times the scale at one signed bit, zero counting as positive', () => {
    expect(Array.from(fakeQuantize(Float32Array.of(-3, -0.1, 0, 0.1), linearGrid(0.5, 1, true)))).toEqual([
      -0.5, -0.5, 0.5, 0.5,
    ]);
  });

  it('lets NaN through rather than hiding it', () => {
    expect(fakeQuantize(Float32Array.of(Number.NaN), linearGrid(1, 4, true))[0]).toBeNaN();
  });

  it('can write into its input', () => {
    const values = Float32Array.of(0.4, 1.6);
    expect(fakeQuantize(values, linearGrid(7, 4, true), values)).toBe(values);
    expect(Array.from(values)).toEqual([0, 2]);
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyTensor, anyGrid, (values, grid) => {
        const once = fakeQuantize(values, grid);
        expect(fakeQuantize(once, grid)).toEqual(once);
      }),
    );
  });

  it('keeps the order of values', () => {
    fc.assert(
      fc.property(anyTensor, anyGrid, (values, grid) => {
        const quantized = fakeQuantize(values.slice().sort(), grid);
        expect(quantized).toEqual(quantized.slice().sort());
      }),
    );
  });

  it('errs by at most half a step inside the clip range', () => {
    fc.assert(
      fc.property(anyTensor, anyGridWithZero, (values, grid) => {
        const quantized = fakeQuantize(values, grid);
        values.forEach((value, index) => {
          if (value < grid.lowest * grid.scale || value > grid.highest * grid.scale) return;
          const rounding = Math.abs(value) * 2 ** -22;
          expect(Math.abs(value - (quantized[index] as number))).toBeLessThanOrEqual(grid.scale / 2 + rounding);
        });
      }),
    );
  });

  it('is symmetric about zero when signed', () => {
    fc.assert(
      fc.property(anyTensor, anyThreshold, anyBitsAboveOne, (values, threshold, bits) => {
        const grid = linearGrid(threshold, bits, true);
        const mirrored = fakeQuantize(
          values.map((value) => -value),
          grid,
        );
        fakeQuantize(values, grid).forEach((value, index) => {
          expect(mirrored[index] === -value).toBe(true);
        });
      }),
    );
  });

  it('maps zero to zero', () => {
    fc.assert(
      fc.property(anyGridWithZero, (grid) => {
        expect(fakeQuantize(new Float32Array(1), grid)[0]).toBe(0);
      }),
    );
  });

  it('never gives a negative number on an unsigned grid', () => {
    fc.assert(
      fc.property(anyTensor, anyThreshold, anyBits, (values, threshold, bits) => {
        const quantized = fakeQuantize(values, linearGrid(threshold, bits, false));
        expect(quantized.every((value) => value >= 0)).toBe(true);
      }),
    );
  });

  it('errs by at most half a step everywhere when the threshold is the maximum', () => {
    fc.assert(
      fc.property(anyUnsignedTensor, anyBits, (values, bits) => {
        const threshold = clipThreshold(values, 'maximum', { bits, signed: false });
        const grid = linearGrid(threshold, bits, false);
        const bound = grid.scale / 2 + threshold * 2 ** -22;
        fakeQuantize(values, grid).forEach((value, index) => {
          expect(Math.abs(value - (values[index] as number))).toBeLessThanOrEqual(bound);
        });
      }),
    );
  });

  it.each(DEGENERATE_TENSORS)('stays finite for a tensor that is %s', (_name, values) => {
    for (const signed of [true, false]) {
      for (let bits = 1; bits <= 8; bits += 1) {
        const grid = linearGrid(clipThreshold(values, 'maximum', { bits, signed }), bits, signed);
        expect(fakeQuantize(values, grid).every(Number.isFinite)).toBe(true);
      }
    }
  });
});

describe('fake quantization per channel', () => {
  it('uses the first axis: each contiguous block has its own grid', () => {
    const values = Float32Array.of(0.6, 1.4, 0.6, 1.4);
    const grids = linearGrids([7, 14], 4, true);
    expect(Array.from(fakeQuantizePerChannel(values, grids))).toEqual([1, 1, 0, 2]);
  });

  it('equals per-tensor quantization when all channels share a grid', () => {
    fc.assert(
      fc.property(anyTensor, anyGrid, (values, grid) => {
        expect(fakeQuantizePerChannel(values, Array(values.length).fill(grid))).toEqual(fakeQuantize(values, grid));
      }),
    );
  });

  it('refuses channels that do not divide the tensor', () => {
    const act = () => fakeQuantizePerChannel(new Float32Array(5), linearGrids([1, 1], 4, true));
    expect(act).toThrow(expect.objectContaining({ kind: 'invalid_argument', reason: 'CHANNELS' }));
  });
});
