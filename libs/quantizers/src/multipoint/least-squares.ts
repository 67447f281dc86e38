/** A pivot below this share of the matrix's largest diagonal entry counts as zero. */
const SINGULAR = 1e-10;

/**
 * Solves a small symmetric system `matrix x = right` (row by row, `right.length` rows) by elimination with pivoting. An
 * unknown that the others leave undecided is 0.
 */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const [rows, result] = [matrix.slice(), right.slice()];
  const solution = new Float64Array(size);
  const at = (row: number, column: number) => rows[row * size + column] as number;
  const least = SINGULAR * Math.max(...Array.from(right, (_, index) => Math.abs(at(index, index))));
  const pivots: number[] = [];
  for (let column = 0; column < size; column += 1) {
    const row = largestBelow(rows, size, column, pivots.length);
    if (!(Math.abs(at(row, column)) > least)) continue;
    swapRows(rows, result, row, pivots.length);
    eliminate(rows, result, column, pivots.length);
    pivots.push(column);
  }
  pivots.forEach((column, row) => {
    solution[column] = (result[row] as number) / at(row, column);
  });
  return solution;
}

/** The row from `first` on with the largest entry in a column. */
function largestBelow(rows: Float64Array, size: number, column: number, first: number): number {
  let largest = first;
  for (let row = first; row < size; row += 1) {
    const [entry, best] = [rows[row * size + column] as number, rows[largest * size + column] as number];
    if (Math.abs(entry) > Math.abs(best)) largest = row;
  }
  return largest;
}

/** Takes the pivot's row from all others, so that the column is zero there. */
function eliminate(rows: Float64Array, right: Float64Array, column: number, pivot: number): void {
  const size = right.length;
  for (let row = 0; row < size; row += 1) {
    if (row === pivot) continue;
    const factor = (rows[row * size + column] as number) / (rows[pivot * size + column] as number);
    for (let index = 0; index < size; index += 1) {
      const taken = factor * (rows[pivot * size + index] as number);
      rows[row * size + index] = (rows[row * size + index] as number) - taken;
    }
    right[row] = (right[row] as number) - factor * (right[pivot] as number);
  }
}

function swapRows(rows: Float64Array, right: Float64Array, a: number, b: number): void {
  if (a === b) return;
  const size = right.length;
  const kept = rows.slice(a * size, (a + 1) * size);
  rows.copyWithin(a * size, b * size, (b + 1) * size);
  rows.set(kept, b * size);
  [right[a], right[b]] = [right[b] as number, right[a] as number];
}
