/** Collects rows of numbers and gives their covariance. */
export interface Covariance {
  /** Zeros, which rectified inputs are full of, cost nothing. */
  add(row: Float32Array): void;
  /** `size` x `size`, row by row; zeros before the first row. */
  matrix(): Float64Array;
}

/** A running covariance of rows of `size` numbers. */
export function createCovariance(size: number): Covariance {
  let count = 0;
  const totals = new Float64Array(size);
  const products = new Float64Array(size * size);
  const add = (row: Float32Array) => {
    count += 1;
    for (let i = 0; i < size; i += 1) {
      const value = row[i] as number;
      if (value === 0) continue;
      totals[i] = (totals[i] as number) + value;
      const start = i * size;
      // The matrix is symmetric: its upper half is enough.
      for (let j = start + i; j < start + size; j += 1)
        products[j] = (products[j] as number) + value * (row[j - start] as number);
    }
  };
  const entry = (i: number, j: number) =>
    (products[i * size + j] as number) / count - ((totals[i] as number) / count) * ((totals[j] as number) / count);
  const matrix = () =>
    Float64Array.from({ length: size * size }, (_, at) => {
      const [i, j] = [Math.floor(at / size), at % size];
      return count === 0 ? 0 : entry(Math.min(i, j), Math.max(i, j));
    });
  return { add, matrix };
}
