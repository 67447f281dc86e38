import type { PhysicalConstant } from '@bitwright/accelerators';
import { type Finding, kept, type Obscurity } from './finding.js';
import { type Fit, LEAST_SCALE, refit } from './fit-constants.js';
import type { Influence } from './influence.js';
import { countShapes } from './observations.js';
import { huberLoss, type Problem, residualsAt } from './residuals.js';

/** A fit with constants that may still turn out not to be told by the measurements. */
export type OpenFit = { readonly problem: Problem; readonly fit: Fit };

/** Below this a constant shifts the costs by less than a thousandth of its own change: nobody would see it. */
const LEAST_STRENGTH = 1e-3;

/**
 * Settles one constant of those that the measurements do not tell, so that it is free no more: the weakest, or one that
 * shows only together with it, keeps the profile's value. Where none can without a worse fit, the weakest is bounded.
 */
export function settle(
  open: OpenFit,
  weakest: number,
  influence: Influence,
): { readonly open: OpenFit; readonly finding: Finding } {
  const group = [weakest, ...influence.partners].sort((left, right) => right - left);
  const keeping = group.map((index) => ({ index, open: fixAt(open, index) }));
  const tolerable = open.fit.loss + toleranceOf(open);
  const found = keeping.find((candidate) => candidate.open.fit.loss <= tolerable);
  if (found === undefined) return bound(open, weakest);
  const nameOf = (index: number) => (open.problem.free[index] as PhysicalConstant).name;
  const partners = group.filter((index) => index !== found.index).map(nameOf);
  const constant = open.problem.free[found.index] as PhysicalConstant;
  return { open: found.open, finding: kept(constant, obscurityOf(influence), partners) };
}

/** Whether a constant could go to an end of its plausible range, the others as fitted, without a worse fit. */
export function isOpenEnded(open: OpenFit, index: number): boolean {
  const { low, high } = open.problem.free[index] as PhysicalConstant;
  return [low, high].some((end) => isTolerable(open, index, Math.log(end)));
}

function obscurityOf({ strength, partners }: Influence): Obscurity {
  if (partners.length > 0) return 'only-together';
  return strength < LEAST_STRENGTH ? 'no-influence' : 'lost-in-scatter';
}

/** The others, fitted anew with the constant at a value; without one, at the profile's. */
function fixAt({ problem, fit }: OpenFit, index: number, value?: number): OpenFit {
  const { name } = problem.free[index] as PhysicalConstant;
  const fixed = {
    ...problem,
    profile: value === undefined ? problem.profile : problem.profile.tune({ [name]: value }),
    free: problem.free.toSpliced(index, 1),
  };
  return { problem: fixed, fit: refit(fixed, fit.logValues.toSpliced(index, 1), fit.width) };
}

/** Of chi-squared with one degree of freedom, 95 %. */
const SIGNIFICANT_LOSS = 3.84;

/** A worse loss than by this is no accident; costs of one layer shape err together and count as one. */
function toleranceOf({ problem: { observations }, fit }: OpenFit): number {
  const costsAShape = observations.length / countShapes(observations);
  return SIGNIFICANT_LOSS * Math.max(LEAST_SCALE, fit.scale) ** 2 * costsAShape;
}

/** A value as near to the profile's as the measurements allow, and how far they would let it go, the others as fitted. */
function bound(open: OpenFit, index: number): { readonly open: OpenFit; readonly finding: Finding } {
  const { problem, fit } = open;
  const constant = problem.free[index] as PhysicalConstant;
  const [low, high] = [limitOf(open, index, constant.low), limitOf(open, index, constant.high)];
  const nearest = Math.min(Math.max(constant.value, low ?? 0), high ?? Number.POSITIVE_INFINITY);
  const isOneSided = low === undefined || high === undefined;
  const value = isOneSided ? nearest : Math.exp(fit.logValues[index] as number);
  return { open: fixAt(open, index, value), finding: { constant, value, low, high, status: 'bounded', partners: [] } };
}

const BISECTIONS = 30;

/** How far towards an end of its range a constant can go; undefined when all the way. */
function limitOf(open: OpenFit, index: number, end: number): number | undefined {
  let [inside, outside] = [open.fit.logValues[index] as number, Math.log(end)];
  if (isTolerable(open, index, outside)) return undefined;
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (inside + outside) / 2;
    if (isTolerable(open, index, middle)) inside = middle;
    else outside = middle;
  }
  return Math.exp(inside);
}

function isTolerable(open: OpenFit, index: number, logValue: number): boolean {
  const { problem, fit } = open;
  const residuals = residualsAt(problem, fit.logValues.with(index, logValue));
  return huberLoss(residuals, fit.width) <= fit.loss + toleranceOf(open);
}
