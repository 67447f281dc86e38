import { createRandomSource } from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBits, anyTensor, DEGENERATE_TENSORS, normalTensor, squaredError } from '../fixtures/tensors.js';
import { assignToNearest } from './assignment.js';
import { fitCodebook, reconstruct, SEARCH_ITERATIONS } from './codebook.js';

const quantize = (values: Float32Array, bits: number, iterations?: number, seed = 1) =>
  reconstruct(fitCodebook(values, bits, createRandomSource(seed), iterations));

/** The obvious definition: the last of the nearest centroids. */
function nearestByBruteForce(value: number, centroids: Float32Array): number {
  let best = 0;
  centroids.forEach((centroid, index) => {
    if (Math.abs(value - centroid) <= Math.abs(value - (centroids[best] as number))) best = index;
  });
  return best;
}

describe('a k-means codebook', () => {
  it('finds clusters that are there', () => {
    const values = Float32Array.of(-1.1, -0.9, 0, 0.1, 2, 2.2, 5, 5.2);
    const { centroids, assignments } = fitCodebook(values, 2, createRandomSource(3));
    const expected = [-1, 0.05, 2.1, 5.1];
    centroids.forEach((centroid, index) => {
      expect(centroid).toBeCloseTo(expected[index] as number, 6);
    });
    expect(Array.from(assignments)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it('has ascending centroids, at most two to the power of its bits', () => {
    fc.assert(
      fc.property(anyTensor, anyBits, (values, bits) => {
        const { centroids } = fitCodebook(values, bits, createRandomSource(1), SEARCH_ITERATIONS);
        expect(centroids.length).toBeLessThanOrEqual(2 ** bits);
        expect(centroids).toEqual(centroids.slice().sort());
        expect(new Set(centroids).size).toBe(centroids.length);
      }),
    );
  });

  it('gives each value its nearest centroid', () => {
    fc.assert(
      fc.property(anyTensor, anyBits, (values, bits) => {
        const { centroids, assignments } = fitCodebook(values, bits, createRandomSource(1), SEARCH_ITERATIONS);
        values.forEach((value, index) => {
          const nearest = centroids[nearestByBruteForce(value, centroids)] as number;
          const assigned = centroids[assignments[index] as number] as number;
          expect(Math.abs(value - assigned)).toBe(Math.abs(value - nearest));
        });
      }),
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyTensor, anyBits, (values, bits) => {
        const once = quantize(values, bits);
        expect(quantize(once, bits)).toEqual(once);
      }),
    );
  });

  it('keeps the order of values', () => {
    fc.assert(
      fc.property(anyTensor, anyBits, (values, bits) => {
        const quantized = quantize(values.slice().sort(), bits);
        expect(quantized).toEqual(quantized.slice().sort());
      }),
    );
  });

  it('is exact when the tensor has no more distinct values than centroids', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-3.5, 0, 1e-40, 7), { minLength: 1 }), (values) => {
        const tensor = Float32Array.from(values);
        expect(quantize(tensor, 2)).toEqual(tensor);
      }),
    );
  });

  it.each(DEGENERATE_TENSORS)('is finite for a tensor that is %s', (_name, values) => {
    for (let bits = 1; bits <= 8; bits += 1) expect(quantize(values, bits).every(Number.isFinite)).toBe(true);
  });

  // Lloyd-Max quantizers of the normal distribution: Max (1960), table I.
  it.each([
    [1, 0.3634],
    [2, 0.1175],
    [3, 0.03454],
    [4, 0.009497],
  ])('comes near the optimal distortion of a normal distribution at %i bits', (bits, distortion) => {
    const values = normalTensor(50_000);
    const error = squaredError(values, quantize(values, bits)) / values.length;
    expect(error / distortion).toBeGreaterThan(0.97);
    expect(error / distortion).toBeLessThan(1.08);
  });

  it('errs less with more iterations and with more bits', () => {
    const values = normalTensor(10_000);
    expect(squaredError(values, quantize(values, 4))).toBeLessThanOrEqual(squaredError(values, quantize(values, 4, 3)));
    for (let bits = 1; bits < 8; bits += 1) {
      const [fewer, more] = [quantize(values, bits, 3), quantize(values, bits + 1, 3)];
      expect(squaredError(values, more)).toBeLessThan(squaredError(values, fewer));
    }
  });

  it('is the same for the same seed', () => {
    const values = normalTensor(5_000);
    expect(quantize(values, 3, 3, 7)).toEqual(quantize(values, 3, 3, 7));
    expect(quantize(values, 3, 3, 7)).not.toEqual(quantize(values, 3, 3, 8));
  });

  it('leaves its input as it was', () => {
    const values = normalTensor(500);
    quantize(values, 3);
    expect(values).toEqual(normalTensor(500));
  });

  it('refuses NaN, an empty tensor and bits outside 1 to 8', () => {
    const refusal = (reason: string) => expect.objectContaining({ kind: 'invalid_argument', reason });
    expect(() => quantize(Float32Array.of(1, Number.NaN), 2)).toThrow(refusal('NOT_FINITE'));
    expect(() => quantize(new Float32Array(0), 2)).toThrow(refusal('EMPTY'));
    expect(() => quantize(Float32Array.of(1), 9)).toThrow(refusal('BITS'));
  });
});

describe('assignment to centroids', () => {
  it('sends half way up', () => {
    expect(Array.from(assignToNearest(Float32Array.of(0.4, 0.5, 0.6), Float32Array.of(0, 1)))).toEqual([0, 1, 1]);
  });

  it('agrees with brute force for centroids of very different spacing', () => {
    fc.assert(
      fc.property(
        anyTensor,
        fc.float32Array({ minLength: 1, maxLength: 256, noNaN: true, min: -1e6, max: 1e6 }),
        (values, drawn) => {
          const centroids = Float32Array.from(new Set(drawn.map((value) => value + 0))).sort();
          const assignments = assignToNearest(values, centroids);
          values.forEach((value, index) => {
            const distance = Math.abs(value - (centroids[assignments[index] as number] as number));
            expect(distance).toBe(Math.abs(value - (centroids[nearestByBruteForce(value, centroids)] as number)));
          });
        },
      ),
    );
  });
});
