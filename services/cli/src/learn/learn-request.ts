import {
  costOfPolicy,
  deriveLayers,
  type LearnPrecisionRequest,
  metricOf,
  type PrecisionBudget,
  parseConstraint,
  type QuantizerTask,
  uniformPolicy,
} from '@bitwright/core';
import type { Evaluators } from '../connect.js';
import { resolveDataset } from '../flags/dataset-flag.js';
import { wrongFlag } from '../flags/flag.js';
import { LEARN_DEFAULTS, type LearnFlags } from '../flags/learn-flags.js';
import { resolveModel } from '../flags/model-flags.js';
import { requireTargetOf } from '../flags/optional-target.js';
import { readFittingNetwork } from '../hardware/network-layers.js';

/** Throws `invalid_argument` for flags that do not go together. */
export function requireLearnFlags(flags: LearnFlags): void {
  const { hardware, budget } = flags;
  if (flags.dataset === undefined) throw wrongFlag('dataset', 'is missing; name one, for example fashion-mnist');
  if (hardware === undefined && budget !== undefined)
    throw wrongFlag('budget', 'needs --hardware, whose cost it limits; for mean bits give --weight-bits');
  if (hardware !== undefined && budget === undefined)
    throw wrongFlag('budget', 'is missing; give for example "latency<=0.5x"');
  const bits = flags['weight-bits'] ?? flags['activation-bits'];
  if (hardware !== undefined && bits !== undefined)
    throw wrongFlag('weight-bits', 'and --activation-bits do not go with --hardware: its cost decides');
  requireReachable(flags);
  requireTargetOf(flags);
  if (hardware !== undefined && budget !== undefined) requireOwnTarget(budget, hardware);
}

/** Bits that end no lower than they may have no lower mean. */
function requireReachable(flags: LearnFlags): void {
  const fewest = flags['minimum-bits'] ?? LEARN_DEFAULTS.minimumBits;
  const most = flags['maximum-bits'] ?? LEARN_DEFAULTS.maximumBits;
  if (fewest > most) throw wrongFlag('minimum-bits', `is ${fewest}, above --maximum-bits, ${most}; give fewer`);
  for (const flag of ['weight-bits', 'activation-bits'] as const) {
    const mean = flags[flag];
    if (mean !== undefined && mean < fewest)
      throw wrongFlag(flag, `is ${mean}, below --minimum-bits, ${fewest}; raise it, or lower --minimum-bits`);
  }
}

/** There is one target: a limit on another would be dropped without a word. */
function requireOwnTarget(budget: string, hardware: string): void {
  const { target } = parseConstraint(budget, '--budget');
  if (target === undefined || target === hardware) return;
  throw wrongFlag(
    'budget',
    `limits "${target}", which is not the target; leave out "@${target}", or give --hardware ${target}`,
  );
}

/** What the flags ask for, with the model and the hardware's table looked up. */
export async function toLearnRequest(
  evaluators: Evaluators,
  flags: LearnFlags,
  folder: string,
  signal: AbortSignal,
): Promise<LearnPrecisionRequest> {
  const defaults = LEARN_DEFAULTS;
  const task = {
    model: await resolveModel(flags, evaluators.artifacts, folder),
    dataset: { name: await resolveDataset(flags.dataset ?? '', folder) },
  };
  return {
    ...task,
    budget: await readBudget(evaluators, flags, task, signal),
    maximumBits: flags['maximum-bits'] ?? defaults.maximumBits,
    minimumBits: flags['minimum-bits'] ?? defaults.minimumBits,
    pin: flags['no-pin'] === true ? 'none' : 'first-last',
    gateOrder: flags['gate-order'] === '1' ? 1 : defaults.gateOrder,
    levelRate: flags['level-rate'] ?? defaults.levelRate,
    correction: flags.correction ?? defaults.correction,
    gateRate: flags['gate-rate'] ?? defaults.gateRate,
    fidelity: {
      calibrationSamples: defaults.calibrationSamples,
      finetuneSamples: flags.samples ?? defaults.samples,
      finetuneEpochs: flags.epochs ?? defaults.epochs,
      validationSamples: 0,
      learningRate: flags['learning-rate'] ?? defaults.learningRate,
      batchSize: flags['batch-size'] ?? defaults.batchSize,
      distillation: flags.distillation ?? defaults.distillation,
    },
    split: 'test',
    seed: flags.seed ?? defaults.seed,
  };
}

async function readBudget(
  evaluators: Evaluators,
  flags: LearnFlags,
  task: QuantizerTask,
  signal: AbortSignal,
): Promise<PrecisionBudget> {
  if (flags.hardware === undefined) {
    const { meanBits } = LEARN_DEFAULTS;
    const [weightBits, activationBits] = [flags['weight-bits'] ?? meanBits, flags['activation-bits'] ?? meanBits];
    return { kind: 'mean-bits', weightBits, activationBits };
  }
  const { metric, limit } = parseConstraint(flags.budget ?? '', '--budget');
  if (metric !== 'latency' && metric !== 'energy')
    throw wrongFlag('budget', `limits ${metric}; give latency or energy, or leave out --hardware for mean bits`);
  const layers = deriveLayers(await readFittingNetwork(evaluators.quantizer, task, signal));
  const target = await evaluators.hardware.open(flags.hardware);
  const table = await target.tabulate(layers, { batch: flags.batch, counted: flags.count, signal });
  const within = (value: number): PrecisionBudget => ({ kind: 'limits', limits: [{ metric, table, limit: value }] });
  if (limit.kind === 'absolute') return within(limit.value);
  const reference = metricOf(costOfPolicy(layers, table, uniformPolicy(layers.length, 8)), metric);
  if (reference === undefined) throw wrongFlag('budget', `limits ${metric}, which ${flags.hardware} does not report`);
  return within(limit.ratio * reference);
}
