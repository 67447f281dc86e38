import {
  BitwrightError,
  invalidField,
  type SearchProblem,
  type SensitivityReport,
  type SolvedPolicy,
  type StrategyContext,
  type StrategyDefinition,
} from '@bitwright/core';
import { meanWeightBits } from '../allocation/decisions.js';
import { createPricing, type Pricing } from '../allocation/pricing.js';
import { createPolicyProgram, type PolicyProgram } from '../integer-program/policy-program.js';
import { createProgramStrategy } from '../integer-program/program-strategy.js';
import { solveBest } from '../integer-program/solve-best.js';
import { OPTIONS_FIELD } from '../options.js';
import { requireSensitivity } from '../sensitivity-report.js';
import { activationWidths, atWidth } from './activation-widths.js';
import { flatnessWarning, layerImportance } from './importance.js';
import { OMPQ_OPTIONS, type OmpqOptions } from './ompq-options.js';
import { limitsText, requireReachable, widthInfeasible } from './reachable-width.js';
import { createReferenceStrategy, sizeLimitBits } from './reference-strategy.js';

/** OMPQ: more bits where a layer's output repeats little of the others', by an exact integer program. */
export const ompqStrategy = {
  name: 'ompq',
  description: 'weight bits by the orthogonality of layers, from one batch without labels',
  options: OMPQ_OPTIONS.list,
  measures: (options) => (OMPQ_OPTIONS.read(options).solver === 'exact' ? ['orthogonality'] : []),
  create: ({ problem, options: given }: StrategyContext) => {
    const options = OMPQ_OPTIONS.read(given);
    requireReachable(problem, options.activationBits);
    if (options.solver === 'reference') return createReferenceStrategy(withSizeLimit(problem), options.activationBits);
    return createProgramStrategy(problem, (pricing) => programsOf(pricing, options));
  },
  solve,
  explain: (report, given) => {
    const options = OMPQ_OPTIONS.read(given);
    const importance = layerImportance(matrixOf(report), options.beta);
    const warning = flatnessWarning(importance, options.beta);
    return { columns: importance, warnings: warning === undefined ? [] : [warning] };
  },
} satisfies StrategyDefinition;

/** The most importance within the budget: maximise Σ c_i g(b_i) over the weight bits. */
async function solve({ problem, options: given }: Pick<StrategyContext, 'problem' | 'options'>): Promise<SolvedPolicy> {
  const options = OMPQ_OPTIONS.read(given);
  if (options.solver === 'reference') throw notExact();
  const pricing = await createPricing(problem);
  const [best] = await programsOf(pricing, options);
  const name = options.gain === 'linear' ? 'importance times weight bits' : 'importance times noise removed';
  return solveBest(best as PolicyProgram, name, () => undefined);
}

/** Worth of a layer's weight bits; the power of uniform quantization noise falls by 4 with each bit. */
const GAINS: Readonly<Record<OmpqOptions['gain'], (bits: number) => number>> = {
  linear: (bits) => bits,
  noise: (bits) => -(4 ** -bits),
};

/**
 * One program for every width of the activations that makes a difference, the best first: that which leaves the narrower
 * operand widest, activations or the mean of the weights; of equals the one with the wider activations. Without a limit
 * on operations there is one alone, that of the most activation bits.
 */
async function programsOf(pricing: Pricing, options: OmpqOptions): Promise<readonly PolicyProgram[]> {
  const { space } = pricing.problem;
  const { importance } = layerImportance(matrixOf(requireSensitivity(pricing.problem)), options.beta);
  const gain = GAINS[options.gain];
  const ranked: { program: PolicyProgram; narrowest: number }[] = [];
  const seen = new Set<string>();
  for (const width of activationWidths(space, options.activationBits)) {
    const program = createPolicyProgram(pricing, {
      sense: 'maximise',
      value: (layer, { weightBits }) => (importance[layer] as number) * gain(weightBits),
      allows: atWidth(space, width),
    });
    // The same choices as with wider activations: under a limit of size alone the width changes nothing.
    const key = JSON.stringify(program.groups);
    if (seen.has(key)) continue;
    seen.add(key);
    const solution = await program.solution();
    if (solution === undefined) requireSolution(pricing.problem, options);
    const narrowest = solution === undefined ? 0 : Math.min(width, meanWeightBits(solution.bits));
    ranked.push({ program, narrowest });
  }
  return ranked.sort((a, b) => b.narrowest - a.narrowest).map(({ program }) => program);
}

/** Of several widths one may have no solution; the one that was asked for has no other to stand in for it. */
function requireSolution(problem: SearchProblem, { activationBits }: OmpqOptions): void {
  requireReachable(problem, activationBits);
  if (activationBits === undefined) return;
  throw widthInfeasible(activationBits, `${limitsText(problem)} cannot be met, whatever bits the weights have`);
}

function matrixOf({ orthogonality }: SensitivityReport): readonly (readonly number[])[] {
  if (orthogonality !== undefined) return orthogonality;
  throw new BitwrightError('internal', 'NOT_MEASURED', 'the orthogonality of the layers was not measured');
}

function withSizeLimit(problem: SearchProblem): SearchProblem {
  if (sizeLimitBits(problem) !== undefined) return problem;
  const description = 'is reference, which projects onto a size; give a size limit, or use exact';
  throw invalidField(`${OPTIONS_FIELD}.solver`, description, 'STRATEGY_OPTION');
}

function notExact(): BitwrightError {
  const message = 'the search projected by size (solver reference), which has no prices; search with solver exact';
  return new BitwrightError('failed_precondition', 'NOT_SOLVABLE', message);
}
