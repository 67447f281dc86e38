/** The lower factor L of a symmetric positive definite matrix A = L Lᵀ. */
export function cholesky(matrix: readonly Float64Array[]): readonly Float64Array[] {
  const lower = matrix.map((row) => new Float64Array(row.length));
  for (let i = 0; i < matrix.length; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const rest = at(matrix, i, j) - dot(lower[i] as Float64Array, lower[j] as Float64Array, j);
      (lower[i] as Float64Array)[j] = i === j ? Math.sqrt(rest) : rest / at(lower, j, j);
    }
  }
  return lower;
}

/** x with L x = b. */
export function solveLower(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const solution = new Float64Array(right.length);
  for (let i = 0; i < right.length; i += 1) {
    solution[i] = ((right[i] as number) - dot(lower[i] as Float64Array, solution, i)) / at(lower, i, i);
  }
  return solution;
}

/** x with Lᵀ x = b. */
export function solveUpper(lower: readonly Float64Array[], right: Float64Array): Float64Array {
  const solution = new Float64Array(right.length);
  for (let i = right.length - 1; i >= 0; i -= 1) {
    let rest = right[i] as number;
    for (let j = i + 1; j < right.length; j += 1) rest -= at(lower, j, i) * (solution[j] as number);
    solution[i] = rest / at(lower, i, i);
  }
  return solution;
}

const at = (matrix: readonly Float64Array[], row: number, column: number) =>
  (matrix[row] as Float64Array)[column] as number;

function dot(a: Float64Array, b: Float64Array, length: number): number {
  let sum = 0;
  for (let index = 0; index < length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
