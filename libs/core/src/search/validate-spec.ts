import { constraintProblem } from '../cost/constraint.js';
import { type FieldViolation, invalidFields } from '../errors.js';
import { allocationProblems } from '../policy/points.js';
import { FLOAT_BITS } from '../policy/policy.js';
import type { Fidelity } from '../ports/quantizer.js';
import type { SearchSpec } from './search.js';

/** Bounds of what one search may ask for. */
export const SPEC_LIMITS = {
  maxTrials: 10_000,
  timeLimitSeconds: 30 * 24 * 3600,
  finalists: 20,
  budget: 16,
  targets: 8,
  batchSize: 4096,
  epochs: 1000,
} as const;

/** Throws one `invalid_argument` naming every field of the spec that is out of its range. */
export function validateSearchSpec(spec: SearchSpec): void {
  const violations = [
    ...targetsIn(spec),
    ...requireThat(spec.dataset.name !== '', 'spec.dataset', 'name a data set, for example fashion-mnist'),
    ...requireThat(
      spec.budget.length <= SPEC_LIMITS.budget,
      'spec.budget',
      `give at most ${SPEC_LIMITS.budget} limits`,
    ),
    ...integerIn(spec.maxTrials, 1, SPEC_LIMITS.maxTrials, 'spec.max_trials'),
    ...integerIn(spec.timeLimitSeconds ?? 1, 1, SPEC_LIMITS.timeLimitSeconds, 'spec.time_limit_seconds'),
    ...integerIn(spec.finalists, 1, SPEC_LIMITS.finalists, 'spec.finalists'),
    ...integerIn(spec.seed, 0, 2 ** 31 - 1, 'spec.seed'),
    ...pointsIn(spec.scheme),
    ...bitChoices(spec.weightBits, 'spec.weight_bits'),
    ...bitChoices(spec.activationBits, 'spec.activation_bits'),
    ...fidelityIn(spec.trialFidelity, 'spec.trial_fidelity'),
    ...fidelityIn(spec.finalFidelity, 'spec.final_fidelity'),
  ];
  if (violations.length > 0) throw invalidFields(violations, 'SPEC');
}

function targetsIn({ hardware, budget }: SearchSpec): FieldViolation[] {
  const names = hardware.map(({ name }) => name);
  const repeated = names.filter((name, index) => names.indexOf(name) !== index);
  const problems = budget.map((constraint) => constraintProblem(constraint, names));
  return [
    ...requireThat(
      names.length > 0 && !names.includes(''),
      'spec.hardware.name',
      'name a hardware target, for example bismo-edge',
    ),
    ...requireThat(names.length <= SPEC_LIMITS.targets, 'spec.hardware', `give at most ${SPEC_LIMITS.targets} targets`),
    ...requireThat(repeated.length === 0, 'spec.hardware', `names ${repeated[0]} twice; name each target once`),
    ...problems.flatMap((problem, index) => requireThat(problem === undefined, `spec.budget[${index}]`, problem ?? '')),
  ];
}

function pointsIn({ weightQuantizer, points }: SearchSpec['scheme']): readonly FieldViolation[] {
  if (points === undefined) return [];
  const description = `only multipoint has points, not ${weightQuantizer}`;
  return [
    ...requireThat(weightQuantizer === 'multipoint', 'spec.scheme.points', description),
    ...allocationProblems(points, 'spec.scheme.points'),
  ];
}

function requireThat(holds: boolean, field: string, description: string): FieldViolation[] {
  return holds ? [] : [{ field, description }];
}

function integerIn(value: number, low: number, high: number, field: string): FieldViolation[] {
  const holds = Number.isInteger(value) && value >= low && value <= high;
  return requireThat(holds, field, `is ${value}; use a whole number from ${low} to ${high}`);
}

function bitChoices(bits: readonly number[], field: string): FieldViolation[] {
  const valid = bits.every((value) => Number.isInteger(value) && ((value >= 1 && value <= 8) || value === FLOAT_BITS));
  const ascending = bits.every((value, index) => index === 0 || value > (bits[index - 1] as number));
  return requireThat(
    bits.length > 0 && valid && ascending,
    field,
    `is [${bits}]; list bits from 1 to 8 (or 32 for float), ascending`,
  );
}

function fidelityIn(fidelity: Fidelity, field: string): FieldViolation[] {
  const { epochs, batchSize } = SPEC_LIMITS;
  const { learningRate: rate, distillation = 0 } = fidelity;
  return [
    ...integerIn(fidelity.calibrationSamples, 1, 1_000_000, `${field}.calibration_samples`),
    ...integerIn(fidelity.finetuneSamples, 0, 100_000_000, `${field}.finetune_samples`),
    ...integerIn(fidelity.validationSamples, 0, 100_000_000, `${field}.validation_samples`),
    ...integerIn(fidelity.batchSize, 1, batchSize, `${field}.batch_size`),
    ...requireThat(
      fidelity.finetuneEpochs >= 0 && fidelity.finetuneEpochs <= epochs,
      `${field}.finetune_epochs`,
      `is ${fidelity.finetuneEpochs}; use 0 to ${epochs}`,
    ),
    ...requireThat(rate > 0 && rate <= 10, `${field}.learning_rate`, `is ${rate}; use above 0 up to 10`),
    ...requireThat(distillation >= 0 && distillation <= 1, `${field}.distillation`, `is ${distillation}; use 0 to 1`),
  ];
}
