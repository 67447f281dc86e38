import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesOfBits, wrapAround } from './element-type.js';
import { simulatedQuantize } from './simulated-quantize.js';

const bits8 = codesOfBits(8, false);

describe('simulated quantization', () => {
  it('quantizes floats: rounded half to even, clipped, on the grid', () => {
    const quantize = (value: number) =>
      simulatedQuantize(value, { inScale: 1, outScale: 0.5, clip: bits8, inType: 'float32', outType: 'int8' });
    expect([0.25, 0.75, 1.25, -0.75, 100, -100].map(quantize)).toEqual([0, 1, 1, -1, 63.5, -63.5]);
  });

  it('wraps what comes in around before anything else', () => {
    const asFloat = { inScale: 0.5, outScale: 1, clip: bits8, inType: 'int16', outType: 'float32' } as const;
    expect(simulatedQuantize(32767 * 0.5, asFloat)).toBe(32767 * 0.5);
    expect(simulatedQuantize(32768 * 0.5, asFloat)).toBe(-32768 * 0.5);
    // The same sum in a wider accumulator stays, and clips: the order of wrapping and clipping matters.
    const toBytes = { ...asFloat, outScale: 128, outType: 'int8' } as const;
    expect(simulatedQuantize(40_000 * 0.5, toBytes)).toBe(-99 * 128 - 128);
    expect(simulatedQuantize(40_000 * 0.5, { ...toBytes, inType: 'int32' })).toBe(127 * 128);
  });

  it('gives codes of the grid that it quantized to back unchanged', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -127, max: 127 }),
        fc.double({ min: 1e-3, max: 10, noNaN: true }),
        (code, scale) => {
          const again = { inScale: scale, outScale: scale, clip: bits8, inType: 'int8', outType: 'int8' } as const;
          expect(simulatedQuantize(code * scale, again)).toBe(code * scale);
        },
      ),
    );
  });
});

describe('wrapping around', () => {
  it('is what typed arrays do', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        expect(wrapAround(value, 'int8')).toBe(Int8Array.of(value)[0]);
        expect(wrapAround(value, 'int16')).toBe(Int16Array.of(value)[0]);
        expect(wrapAround(2 * value, 'int32')).toBe(Int32Array.of(2 * value)[0]);
      }),
    );
  });
});
