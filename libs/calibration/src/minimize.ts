import { levenbergMarquardt } from 'ml-levenberg-marquardt';
import { huberLoss, huberWeights, logOf, type Problem, residualsAt } from './residuals.js';

/** A place in the space of logarithms, and what it costs. */
export type Optimum = { readonly logValues: readonly number[]; readonly loss: number };

const MOST_ROUNDS = 30;
const STEPS_A_ROUND = 3;
/** Rounds end when one gains less than this share of the loss. */
const LEAST_GAIN = 1e-5;
/** A loss of this for each observation, a relative error of a millionth, is as good as none. */
const NO_LOSS = 1e-12;
/** Step of numerical derivatives, in logarithms: some models round to whole cycles. */
const DIFFERENCE = 1e-3;

/**
 * Lowers Huber's loss from a start: rounds of weighted least squares (Levenberg and Marquardt) with the weights of the
 * round's beginning. Never ends above its start.
 */
export function minimize(problem: Problem, start: readonly number[], width: number): Optimum {
  let best = { logValues: start, loss: huberLoss(residualsAt(problem, start), width) };
  if (problem.free.length === 0) return best;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const logValues = leastSquares(problem, best.logValues, width);
    const loss = huberLoss(residualsAt(problem, logValues), width);
    const gain = best.loss - loss;
    if (gain > 0) best = { logValues, loss };
    if (!(gain > LEAST_GAIN * best.loss) || isExact(problem, best.loss)) break;
  }
  return best;
}

/** Whether nothing is left to gain. */
export function isExact({ observations }: Problem, loss: number): boolean {
  return loss < NO_LOSS * observations.length;
}

function leastSquares(problem: Problem, start: readonly number[], width: number): readonly number[] {
  const roots = huberWeights(residualsAt(problem, start), width).map(Math.sqrt);
  const positions = Array.from(roots.keys());
  // The library asks point by point; the model answers all at once.
  const weighted = (logValues: number[]) => {
    const residuals = residualsAt(problem, logValues);
    return (position: number) => (roots[position] as number) * (residuals[position] as number);
  };
  const { parameterValues } = levenbergMarquardt({ x: positions, y: positions.map(() => 0) }, weighted, {
    initialValues: [...start],
    minValues: problem.free.map((constant) => logOf(constant, constant.low)),
    maxValues: problem.free.map((constant) => logOf(constant, constant.high)),
    gradientDifference: DIFFERENCE,
    damping: 1e-3,
    maxIterations: STEPS_A_ROUND,
    errorTolerance: 0,
  });
  return parameterValues;
}
