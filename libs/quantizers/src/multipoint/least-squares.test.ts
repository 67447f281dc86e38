import fc from 'fast-check';
import { expect, it } from 'vitest';
import { solveSymmetric } from './least-squares.js';

it('solves what rows of numbers ask for, and leaves undecided unknowns at zero', () => {
  const entry = fc.integer({ min: -3, max: 3 });
  const rows = fc.integer({ min: 1, max: 5 }).chain((size) =>
    fc.record({
      vectors: fc.array(fc.array(entry, { minLength: 6, maxLength: 6 }), { minLength: size, maxLength: size }),
      wanted: fc.array(entry, { minLength: size, maxLength: size }),
    }),
  );
  fc.assert(
    fc.property(rows, ({ vectors, wanted }) => {
      const dot = (a: readonly number[], b: readonly number[]) =>
        a.reduce((sum, value, k) => sum + value * (b[k] ?? 0), 0);
      const target = vectors[0]?.map((_, k) =>
        vectors.reduce((sum, row, i) => sum + (row[k] ?? 0) * (wanted[i] ?? 0), 0),
      );
      const gram = Float64Array.from(vectors.flatMap((row) => vectors.map((other) => dot(row, other))));
      const solution = solveSymmetric(
        gram,
        Float64Array.from(vectors, (row) => dot(row, target ?? [])),
      );
      target?.forEach((value, k) => {
        const found = vectors.reduce((sum, row, i) => sum + (row[k] ?? 0) * (solution[i] as number), 0);
        expect(found).toBeCloseTo(value, 6);
      });
    }),
  );
  expect(solveSymmetric(Float64Array.of(2, 2, 2, 2), Float64Array.of(4, 4))).toEqual(Float64Array.of(2, 0));
  expect(solveSymmetric(new Float64Array(4), new Float64Array(2))).toEqual(new Float64Array(2));
});
