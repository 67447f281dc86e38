import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type Fit, LEAST_SCALE } from './fit-constants.js';
import type { Observation } from './observations.js';
import { huberWeights, type Problem, residualsAt } from './residuals.js';

/** What the measurements say of one free constant at an optimum. */
export type Influence = {
  /** Change of a cost's logarithm with that of the constant, root mean square over the observations: at most about 1. */
  readonly strength: number;
  /** Standard error of the constant's logarithm, the others being free as well; infinite without influence. */
  readonly standardError: number;
  /** Positions of the constants that could take its place: whatever it does to the costs, they can undo. */
  readonly partners: readonly number[];
};

/** Central differences over half a per cent: some models round to whole cycles. */
const DIFFERENCE = 0.005;
/** A root mean square of derivatives below this is rounding. */
const LEAST_STRENGTH = 1e-6;
/** Directions with less than this share of a constant's influence are none. */
const LEAST_SINGULAR = 1e-6;
/** 1 - R² of a constant's derivatives explained by the others', below which those could take its place. */
const LEAST_OWN_SHARE = 0.02;
/** Coefficient in that explanation from which on another constant takes part in it. */
const LEAST_PART = 0.1;

/** One entry for each free constant, from the derivatives at the optimum. */
export function influencesAt(problem: Problem, fit: Fit): readonly Influence[] {
  const roots = huberWeights(residualsAt(problem, fit.logValues), fit.width).map(Math.sqrt);
  const columns = problem.free.map((_, index) =>
    derivatives(problem, fit, index).map((x, i) => x * (roots[i] as number)),
  );
  const strengths = columns.map((column) => Math.hypot(...column) / Math.sqrt(column.length));
  const active = strengths.flatMap((strength, index) => (strength > LEAST_STRENGTH ? [index] : []));
  const none = strengths.map((strength) => ({ strength, standardError: Number.POSITIVE_INFINITY, partners: [] }));
  if (active.length === 0) return none;
  const norms = active.map((index) => Math.hypot(...(columns[index] as Float64Array)));
  const unit = new Matrix(
    active.map((index, at) => [...(columns[index] as Float64Array)].map((x) => x / (norms[at] as number))),
  ).transpose();
  const inverse = pseudoInverse(unit.transpose().mmul(unit));
  const residuals = residualsAt(problem, fit.logValues).map((x, i) => x * (roots[i] as number));
  const variances = variancesOf(unit, inverse, residuals, problem.observations, fit.scale);
  return none.map((entry, index) => {
    const at = active.indexOf(index);
    if (at < 0) return entry;
    const standardError = Math.sqrt(variances[at] as number) / (norms[at] as number);
    return { ...entry, standardError, partners: partnersOf(inverse, at).map((other) => active[other] as number) };
  });
}

function derivatives(problem: Problem, { logValues }: Fit, index: number): Float64Array {
  const moved = (by: number) => residualsAt(problem, logValues.with(index, (logValues[index] as number) + by));
  const [above, below] = [moved(DIFFERENCE), moved(-DIFFERENCE)];
  return above.map((value, position) => (value - (below[position] as number)) / (2 * DIFFERENCE));
}

/** Of a symmetric matrix; directions without influence get a large value instead of none. */
function pseudoInverse(product: Matrix): Matrix {
  const { eigenvectorMatrix: vectors, realEigenvalues } = new EigenvalueDecomposition(product, {
    assumeSymmetric: true,
  });
  const inverses = realEigenvalues.map((value) => 1 / Math.max(value, LEAST_SINGULAR ** 2));
  return vectors.mmul(Matrix.diag(inverses)).mmul(vectors.transpose());
}

/** The diagonal of the inverse is 1 / (1 - R²), a row over its diagonal holds the coefficients of the explanation. */
function partnersOf(inverse: Matrix, at: number): readonly number[] {
  const own = inverse.get(at, at);
  if (1 / own > LEAST_OWN_SHARE) return [];
  return inverse
    .getRow(at)
    .flatMap((value, other) => (other !== at && Math.abs(value / own) > LEAST_PART ? [other] : []));
}

/**
 * Variances of the normalized constants: the larger of that for independent errors and that for errors which the costs of
 * a layer shape have in common (Liang and Zeger 1986), because a model is wrong about layers, not about single costs.
 */
function variancesOf(
  unit: Matrix,
  inverse: Matrix,
  residuals: Float64Array,
  observations: readonly Observation[],
  scale: number,
): readonly number[] {
  const freedom = Math.max(1, unit.rows - unit.columns);
  const independent = (Math.max(LEAST_SCALE, scale) ** 2 * unit.rows) / freedom;
  const scores = new Map<string, number[]>();
  observations.forEach(({ shape }, row) => {
    const score = scores.get(shape) ?? new Array<number>(unit.columns).fill(0);
    scores.set(
      shape,
      score.map((sum, column) => sum + unit.get(row, column) * (residuals[row] as number)),
    );
  });
  const spread = new Matrix([...scores.values()]).mmul(inverse);
  const correction = scores.size / Math.max(1, scores.size - unit.columns);
  return inverse.diagonal().map((value, column) => {
    const clustered = correction * spread.getColumn(column).reduce((sum, x) => sum + x ** 2, 0);
    return Math.max(value * independent, clustered);
  });
}
