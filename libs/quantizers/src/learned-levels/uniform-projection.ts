import { codeOf } from '../linear/codes.js';
import { type LinearGrid, linearGrid } from '../linear/grid.js';

/** A uniform grid in place of a level table, and by how much it misses the levels. */
export type UniformProjection = {
  readonly grid: LinearGrid;
  /** Mean squared distance of the levels to their places on the grid, each level weighed by its share of the values. */
  readonly meanSquaredError: number;
};

/** Thresholds tried, in 64ths of the largest level: a grid that reaches beyond it may fit better. */
const [FIRST, LAST] = [16, 128];
const REFINEMENTS = 10;

/**
 * The uniform grid of `bits` bits nearest to a level table in the least squares, for hardware that cannot look levels
 * up. `weights` says how many values are at each level. Starts from thresholds below and above the largest level; each is
 * refined by turns of codes for a scale and the least-squares scale Σ wℓk / Σ wk² for codes k.
 */
export function projectOntoUniform(
  levels: Float32Array,
  weights: ArrayLike<number>,
  bits: number,
  signed: boolean,
): UniformProjection {
  const largest = levels.reduce((most, level) => Math.max(most, Math.abs(level)), 0);
  let best = measure(levels, weights, linearGrid(largest, bits, signed));
  for (let candidate = FIRST; candidate <= LAST; candidate += 1) {
    const found = refine(levels, weights, linearGrid((largest * candidate) / 64, bits, signed));
    if (found.meanSquaredError < best.meanSquaredError) best = found;
  }
  return best;
}

function refine(levels: Float32Array, weights: ArrayLike<number>, start: LinearGrid): UniformProjection {
  let best = measure(levels, weights, start);
  for (let turn = 0; turn < REFINEMENTS; turn += 1) {
    const next = measure(levels, weights, { ...start, scale: leastSquaresScale(levels, weights, best.grid) });
    if (!(next.meanSquaredError < best.meanSquaredError)) break;
    best = next;
  }
  return best;
}

function leastSquaresScale(levels: Float32Array, weights: ArrayLike<number>, grid: LinearGrid): number {
  let [products, squares] = [0, 0];
  levels.forEach((level, index) => {
    const code = codeOf(level, grid);
    products += (weights[index] as number) * level * code;
    squares += (weights[index] as number) * code * code;
  });
  return squares > 0 && products > 0 ? Math.fround(products / squares) : grid.scale;
}

function measure(levels: Float32Array, weights: ArrayLike<number>, grid: LinearGrid): UniformProjection {
  let [errors, total] = [0, 0];
  levels.forEach((level, index) => {
    errors += (weights[index] as number) * (level - grid.scale * codeOf(level, grid)) ** 2;
    total += weights[index] as number;
  });
  return { grid, meanSquaredError: total > 0 ? errors / total : 0 };
}
