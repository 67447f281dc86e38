import { createRandomSource } from '@bitwright/core';
import { afterAll, expect, it } from 'vitest';
import { createMatrixProducts, type MatrixStack } from './matrix-products.js';

const products = createMatrixProducts();
afterAll(() => products[Symbol.dispose]());

const random = createRandomSource(1);
const normal = (length: number) => Float32Array.from({ length }, () => random.normal());

/** a b for each pair of a stack, `a` by row and column of `rows` x `inner`. */
function product(
  { count, rows, columns }: MatrixStack,
  inner: number,
  entry: (matrix: number, row: number, at: number) => number,
  other: (matrix: number, at: number, column: number) => number,
): number[] {
  return Array.from({ length: count * rows * columns }, (_, index) => {
    const [matrix, row, column] = [
      Math.floor(index / (rows * columns)),
      Math.floor(index / columns) % rows,
      index % columns,
    ];
    let sum = 0;
    for (let at = 0; at < inner; at += 1) sum += entry(matrix, row, at) * other(matrix, at, column);
    return sum;
  });
}

function expectClose(found: Float64Array, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, index) => {
    const wanted = expected[index] as number;
    expect(Math.abs(value - wanted)).toBeLessThan(1e-12 * (1 + Math.abs(wanted)));
  });
}

it.each([
  { count: 1, rows: 50, columns: 7 },
  { count: 3, rows: 5, columns: 9 },
])('multiplies $count matrices of $rows x $columns with themselves and with symmetric ones, in float64', (shape) => {
  const { count, rows, columns } = shape;
  const values = normal(count * rows * columns);
  const at = (matrix: number, row: number, column: number) =>
    values[(matrix * rows + row) * columns + column] as number;
  const square = { count, rows: columns, columns };
  const gram = products.gram(values, shape);
  expectClose(
    gram,
    product(square, rows, (matrix, row, inner) => at(matrix, inner, row), at),
  );
  const symmetric = (matrix: number, row: number, column: number) =>
    gram[(matrix * columns + row) * columns + column] as number;
  expectClose(products.multiply(values, gram, shape), product(shape, columns, at, symmetric));
});
