import { type Finding, kept } from './finding.js';
import { fitConstants } from './fit-constants.js';
import { type Influence, influencesAt } from './influence.js';
import { countShapes } from './observations.js';
import { huberLoss, type Problem, residualsAt } from './residuals.js';
import { isOpenEnded, type OpenFit, settle } from './settle.js';

/** Findings in the order of the problem's constants, and where the loss that was minimized turns to distances. */
export type IdentifiedFit = { readonly findings: readonly Finding[]; readonly width: number };

/** An interval that leaves more than a factor of two either way tells nothing. */
const WIDEST_ERROR = Math.LN2;

/**
 * Fits the constants, then takes away one after the other what the measurements do not tell: it keeps the profile's
 * value where that fits as well, and the others are fitted to it. Never a worse fit than the profile as it is.
 */
export function fitIdentifiable(problem: Problem, seed: number): IdentifiedFit {
  const settled: Finding[] = [];
  let open: OpenFit = { problem, fit: fitConstants(problem, seed) };
  for (;;) {
    const influences = influencesAt(open.problem, open.fit);
    const errors = influences.map(({ standardError }, index) =>
      isOpenEnded(open, index) ? Number.POSITIVE_INFINITY : quantileOf(open.problem) * standardError,
    );
    const weakest = errors.indexOf(Math.max(...errors));
    if (weakest < 0 || (errors[weakest] as number) <= WIDEST_ERROR) {
      if (isWorse(problem, open)) return keepAll(problem, open.fit.width);
      return { findings: inOrder(problem, [...settled, ...fittedFindings(open, errors)]), width: open.fit.width };
    }
    const step = settle(open, weakest, influences[weakest] as Influence);
    settled.push(step.finding);
    open = step.open;
  }
}

function fittedFindings({ problem, fit }: OpenFit, errors: readonly number[]): readonly Finding[] {
  return problem.free.map((constant, index) => {
    const [logValue, error] = [fit.logValues[index] as number, errors[index] as number];
    const [low, value, high] = [logValue - error, logValue, logValue + error].map(Math.exp) as [number, number, number];
    return { constant, value, low, high, status: 'fitted', partners: [] };
  });
}

/** Student's t for 95 %, by its expansion in the degrees of freedom: layer shapes count, not costs. */
function quantileOf({ observations, free }: Problem): number {
  const freedom = Math.max(1, countShapes(observations) - free.length);
  return 1.96 + 2.37 / freedom + 2.82 / freedom ** 2;
}

function isWorse(problem: Problem, { problem: last, fit }: OpenFit): boolean {
  const profile = { ...problem, free: [] };
  return huberLoss(residualsAt(last, fit.logValues), fit.width) > huberLoss(residualsAt(profile, []), fit.width);
}

function keepAll({ free }: Problem, width: number): IdentifiedFit {
  const findings = free.map((constant) => kept(constant, 'lost-in-scatter', []));
  return { findings, width };
}

function inOrder({ free }: Problem, findings: readonly Finding[]): readonly Finding[] {
  return free.map(({ name }) => findings.find(({ constant }) => constant.name === name) as Finding);
}
