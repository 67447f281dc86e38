import { createRandomSource } from '@bitwright/core';
import { isExact, minimize, type Optimum } from './minimize.js';
import { huberLoss, logOf, type Problem, residualsAt, robustScale } from './residuals.js';

/** A fit and the loss that it minimizes. */
export type Fit = Optimum & {
  /** Where Huber's loss turns from squares to distances. */
  readonly width: number;
  /** Typical relative error of the fit. */
  readonly scale: number;
};

/** Starts besides the profile itself. */
const RANDOM_STARTS = 2;
/** Random starts lie within a factor of 30 of the profile. */
const START_RANGE = Math.log(30);
/** Values of a constant's range that are tried where it got stuck, a factor of 2 or 3 apart. */
const SCANNED_VALUES = 25;
/** What a scan must leave of the loss to be worth another descent. */
const LEAST_SCAN_GAIN = 0.99;
const MOST_SCANS = 3;
/** Observations that suffice to find the region of the best fit. */
const MOST_SEARCHED = 300;
/** Nearly the sum of distances, which finds the many through whatever the few do. */
const FIRST_WIDTH = 0.02;
/** Huber's loss with this is 95 % as efficient as squares where errors are normal. */
const WIDTH_PER_SCALE = 1.345;
/** No model is better than that, and derivatives of an exact fit are only so good. */
export const LEAST_SCALE = 1e-3;

/**
 * Fits the free constants: the way is found from several starts, with a loss that hardly minds outliers; the end with
 * one that suits the scatter found. Never worse than the profile; the same for the same seed.
 */
export function fitConstants(problem: Problem, seed: number): Fit {
  const start = startOf(problem);
  const found = minimize(problem, findRegion(problem, start, seed), FIRST_WIDTH);
  const width = WIDTH_PER_SCALE * Math.max(LEAST_SCALE, robustScale(residualsAt(problem, found.logValues)));
  const refined = minimize(problem, found.logValues, width);
  const unchanged = { logValues: start, loss: huberLoss(residualsAt(problem, start), width) };
  return withScale(problem, best([refined, unchanged]), width);
}

/** The best of several starts, on as many observations as it takes to tell. */
function findRegion(problem: Problem, start: readonly number[], seed: number): readonly number[] {
  const every = Math.ceil(problem.observations.length / MOST_SEARCHED);
  const thinned = { ...problem, observations: problem.observations.filter((_, index) => index % every === 0) };
  const starts = [start, ...randomStarts(problem, start, seed)];
  const found = best(starts.map((logValues) => minimize(thinned, logValues, FIRST_WIDTH)));
  return improveByScans(thinned, found).logValues;
}

/** Scans and minimizes in turn, a few times, until a scan finds nothing better. */
function improveByScans(problem: Problem, optimum: Optimum): Optimum {
  let current = optimum;
  for (let scans = 0; scans < MOST_SCANS && !isExact(problem, current.loss); scans += 1) {
    const scanned = scanRanges(problem, current, FIRST_WIDTH);
    if (scanned.loss > LEAST_SCAN_GAIN * current.loss) return current;
    current = minimize(problem, scanned.logValues, FIRST_WIDTH);
  }
  return current;
}

/** Fits from one start, by the loss of another fit, so that the two can be compared. */
export function refit(problem: Problem, start: readonly number[], width: number): Fit {
  return withScale(problem, minimize(problem, start, width), width);
}

/** What the profile says, on the scale of the fit. */
function startOf({ free }: Problem): readonly number[] {
  return free.map((constant) => logOf(constant, constant.value));
}

function withScale(problem: Problem, optimum: Optimum, width: number): Fit {
  return { ...optimum, width, scale: robustScale(residualsAt(problem, optimum.logValues)) };
}

function best(optima: readonly Optimum[]): Optimum {
  return optima.reduce((left, right) => (right.loss < left.loss ? right : left));
}

/**
 * Moves constants, one after the other, to the best of values all over their ranges. Where a constant has no influence,
 * such as an overhead of nothing or a bandwidth that is never short, no derivative shows the way.
 */
function scanRanges(problem: Problem, optimum: Optimum, width: number): Optimum {
  return problem.free.reduce((current, { low, high }, index) => {
    const candidates = Array.from({ length: SCANNED_VALUES }, (_, step) => {
      const logValue = Math.log(low) + (Math.log(high / low) * step) / (SCANNED_VALUES - 1);
      const logValues = current.logValues.with(index, logValue);
      return { logValues, loss: huberLoss(residualsAt(problem, logValues), width) };
    });
    return best([current, ...candidates]);
  }, optimum);
}

function randomStarts(problem: Problem, start: readonly number[], seed: number): readonly (readonly number[])[] {
  const random = createRandomSource(seed);
  return Array.from({ length: RANDOM_STARTS }, () =>
    problem.free.map((constant, index) => {
      const moved = (start[index] as number) + START_RANGE * (2 * random.uniform() - 1);
      return logOf(constant, Math.exp(moved));
    }),
  );
}
