import type {
  IncreaseMeasure,
  SearchProblem,
  SensitivityExplanation,
  SensitivityReport,
  SolvedPolicy,
  StrategyContext,
  StrategyDefinition,
} from '@bitwright/core';
import { createPricing, type Pricing } from '../allocation/pricing.js';
import { createPolicyProgram, type PolicyProgram } from '../integer-program/policy-program.js';
import { createProgramStrategy } from '../integer-program/program-strategy.js';
import { solveBest } from '../integer-program/solve-best.js';
import { choiceOption, defineOptions } from '../options.js';
import { requireSensitivity } from '../sensitivity-report.js';
import { createIncreaseModel, type IncreaseModel } from './increase-model.js';

const MEASURES = ['output-divergence', 'loss-increase', 'hessian-trace', 'fisher'] as const;

/** Which measure decides; the default by measurement, see docs/strategies/sensitivity.md. */
export const measureOption = choiceOption('what a layer of fewer bits costs', MEASURES, 'output-divergence');

const OPTIONS = defineOptions({ measure: measureOption });

/** The least predicted increase of the loss, summed over layers, by an exact integer program. */
export const sensitivityStrategy = {
  name: 'sensitivity',
  description: 'bits by what each layer alone adds to the loss, from a few hundred samples',
  options: OPTIONS.list,
  measures: (options) => [measureOf(options)],
  create: ({ problem, options }) => {
    const measure = measureOf(options);
    return createProgramStrategy(problem, (pricing) => [programOf(pricing, increaseOf(pricing.problem, measure))]);
  },
  solve,
  explain: (report, options) => explain(report, measureOf(options)),
} satisfies StrategyDefinition;

const measureOf = (options: StrategyContext['options']): IncreaseMeasure => OPTIONS.read(options).measure;

async function solve({ problem, options }: Pick<StrategyContext, 'problem' | 'options'>): Promise<SolvedPolicy> {
  const increase = increaseOf(problem, measureOf(options));
  const pricing = await createPricing(problem);
  return solveBest(programOf(pricing, increase), 'predicted loss increase', (bits) =>
    problem.layers.reduce((sum, _, layer) => {
      const [weightBits, activationBits] = [bits[2 * layer] as number, bits[2 * layer + 1] as number];
      return sum + increase(layer, { weightBits, activationBits });
    }, 0),
  );
}

const increaseOf = (problem: SearchProblem, measure: IncreaseMeasure) =>
  createIncreaseModel(requireSensitivity(problem), measure);

const programOf = (pricing: Pricing, value: IncreaseModel): PolicyProgram =>
  createPolicyProgram(pricing, { sense: 'minimise', value });

/** Widths that a report shows: a sketch of the whole table. */
const SHOWN = [2, 4];

function explain({ increases, weightBits, activationBits }: SensitivityReport, measure: IncreaseMeasure) {
  const table = increases.find((entry) => entry.measure === measure);
  const columnsOf = (role: 'weights' | 'activations', widths: readonly number[]) =>
    SHOWN.filter((bits) => widths.includes(bits)).map((bits) => [
      `${role}${bits}Bit`,
      (table?.layers ?? []).map((layer) => layer[role][widths.indexOf(bits)] as number),
    ]);
  const columns = Object.fromEntries([
    ...columnsOf('weights', weightBits),
    ...columnsOf('activations', activationBits),
  ]);
  return { columns, warnings: [] } satisfies SensitivityExplanation;
}
