import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeCombinations, codeSums, nearestSum } from './code-sums.js';
import { pointCodes } from './point-codes.js';

const coefficient = fc.double({ min: -4, max: 4, noNaN: true });
const anySums = fc
  .record({ bits: fc.integer({ min: 1, max: 3 }), coefficients: fc.array(coefficient, { minLength: 1, maxLength: 3 }) })
  .map(({ bits, coefficients }) => {
    const combinations = codeCombinations(pointCodes(bits), coefficients.length) as Int8Array;
    return { combinations, coefficients: Float32Array.from(coefficients) };
  });

describe('sums of codes', () => {
  it('are all sums, ascending, each with codes that make it', () => {
    fc.assert(
      fc.property(anySums, ({ combinations, coefficients }) => {
        const points = coefficients.length;
        const { ascending, codes } = codeSums(combinations, coefficients);
        expect(ascending).toEqual(ascending.toSorted());
        const waysOf = (all: Int8Array) =>
          Array.from({ length: ascending.length }, (_, way) => all.subarray(way * points, (way + 1) * points).join());
        expect(waysOf(codes).toSorted()).toEqual(waysOf(combinations).toSorted());
        ascending.forEach((sum, way) => {
          const own = coefficients.reduce(
            (total, one, point) => total + one * (codes[way * points + point] as number),
            0,
          );
          expect(own).toBeCloseTo(sum, 12);
        });
      }),
    );
  });

  it('keep the order of ways whose sums are the same', () => {
    const combinations = codeCombinations(pointCodes(2), 2) as Int8Array;
    const { codes } = codeSums(combinations, new Float32Array(2));
    expect(codes).toEqual(combinations);
  });

  it('have a nearest one, the lower of two as near', () => {
    fc.assert(
      fc.property(anySums, fc.double({ min: -40, max: 40, noNaN: true }), ({ combinations, coefficients }, value) => {
        const sums = codeSums(combinations, coefficients);
        const found = sums.ascending[nearestSum(sums, value)] as number;
        const distance = Math.min(...sums.ascending.map((sum) => Math.abs(sum - value)));
        expect(Math.abs(found - value)).toBe(distance);
      }),
    );
    const halves = codeSums(codeCombinations(pointCodes(2), 1) as Int8Array, Float32Array.of(1));
    expect(halves.ascending[nearestSum(halves, 0.5)]).toBe(0);
  });
});
