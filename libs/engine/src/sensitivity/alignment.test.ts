import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { alignmentMatrix } from './alignment.js';

/** Made by NumPy from random features; see the fixture's first line. */
const golden = JSON.parse(
  readFileSync(new URL('../../../strategies/src/ompq/fixtures/golden.json', import.meta.url), 'utf8'),
) as { readonly cases: { readonly features: number[][][]; readonly orthogonality_matrix: number[][] }[] };

function gramOf(rows: readonly number[][]): Float32Array {
  const products = rows.flatMap((a) =>
    rows.map((b) => a.reduce((sum, value, at) => sum + value * (b[at] as number), 0)),
  );
  return Float32Array.from(products);
}

describe('the alignment of features', () => {
  it.each(golden.cases.map((reference, index) => [index, reference] as const))(
    'is what NumPy makes of them: case %i',
    (_, { features, orthogonality_matrix: wanted }) => {
      const matrix = alignmentMatrix(features.map(gramOf), features[0]?.length ?? 0);
      expect(matrix).toHaveLength(wanted.length);
      matrix.forEach((row, i) => {
        row.forEach((value, j) => {
          expect(value).toBeCloseTo(wanted[i]?.[j] as number, 5);
        });
      });
    },
  );

  it('is 1 for features that are turned, scaled or moved, and 0 with one that never changes', () => {
    const rows = [
      [1, 2],
      [3, -1],
      [0, 5],
    ];
    const moved = rows.map(([x = 0, y = 0]) => [7 + 2 * y, 3 - 2 * x]);
    const matrix = alignmentMatrix([rows, moved, [[4], [4], [4]]].map(gramOf), 3);
    expect(matrix[0]?.[1]).toBeCloseTo(1, 5);
    expect(matrix[0]?.[2]).toBe(0);
    expect(matrix[2]?.[2]).toBe(1);
  });
});
