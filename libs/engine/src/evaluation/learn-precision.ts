import {
  BitwrightError,
  invalidField,
  isPinned,
  type Layer,
  type LayerPrecision,
  type Parameters,
  type PinRule,
  pinnedUniformPolicy,
} from '@bitwright/core';
import { effectiveLevels, type LearnedLevels } from '@bitwright/quantizers';
import type { QuantizationPlan } from '../quantization/plan.js';
import { structureOf } from '../quantization/plan.js';
import { updatePlan } from '../quantization/quantize-parameters.js';
import { finetuningBatches } from '../training/finetuning-batches.js';
import { createTrainingStep, type TrainingStep } from '../training/training-step.js';
import type { Work } from '../work.js';
import { type Bench, distillationFrom, histogramsOf, startParameters } from './bench.js';
import { type BitBudget, bitsOf, type LearnedTensor, usageOf } from './bit-budget.js';
import type { Learning } from './learning.js';
import { scalesOf, startOf, startPlan } from './level-start.js';
import { trackGates } from './track-gates.js';

/** What training arrived at. */
export type LearnedPrecision = {
  readonly layers: readonly LayerPrecision[];
  readonly plan: QuantizationPlan;
  readonly parameters: Parameters;
};

/**
 * DDQ: trains weights, levels and gates together (arXiv 2106.02295), through a penalty on what exceeds the budgets. Once
 * they are met it opens the gates that still fit, and trains the rest with the bits fixed.
 */
export function* learnPrecision(bench: Bench, learning: Learning): Work<LearnedPrecision> {
  const { model, data, preprocessing } = bench;
  assertFeasible(bench, learning);
  const { fidelity, seed, options } = learning;
  const histograms = yield* histogramsOf(bench, fidelity.calibrationSamples);
  const tensors = learnedTensors(bench.layers, options.pin);
  const first = pinnedUniformPolicy(bench.layers.length, options.maximumBits, options.pin);
  const open = startPlan(bench.calibration.plan(first, histograms, seed), tensors, model.parameters);
  const { batchSize, steps, each } = finetuningBatches(data.splits.training, fidelity, seed, preprocessing);
  using step = createStep(bench, open, tensors, learning, batchSize);
  step.start(yield* startParameters(bench), open);
  step.setLevels(tensors.map((tensor) => startOf(tensor, bench, open, histograms, options.maximumBits)));
  const gates = trackGates(step, tensors, first.layers, learning, steps);
  const gateRate = (100 * options.gateRate) / steps;
  for (const { batch, rate, done } of each()) {
    const levels = (options.levelRate * rate) / fidelity.learningRate;
    const pressure = gates.pressure(done);
    const loss = step.run(batch, rate, { levels, correction: options.correction, gates: gateRate, pressure });
    if (!Number.isFinite(loss)) throw diverged();
    yield { phase: 'learning levels and bits', done: done + 1, total: steps };
  }
  const parameters = step.parameters();
  const layers = gates.layers();
  const plan = endPlan(updatePlan(open, step.clips(), parameters), tensors, layers, step.levels());
  return { layers, plan, parameters };
}

/** The fewest bits must meet the budgets, and there must be something to learn and to train on. */
function assertFeasible({ layers }: Bench, { budgets, fidelity, options }: Learning): void {
  const { minimumBits: least, maximumBits: most, pin } = options;
  if (fidelity.finetuneSamples < 1 || fidelity.finetuneEpochs < 1)
    throw invalidField('fidelity', 'learning needs samples and at least one epoch of fine-tuning');
  if (least > most) throw invalidField('minimum_bits', `is ${least}; use at most maximum_bits, ${most}`);
  if (learnedTensors(layers, pin).length === 0)
    throw invalidField('pin', `leaves none of the network's ${layers.length} layers to be learned; pin none`);
  const fewest = pinnedUniformPolicy(layers.length, least, pin).layers;
  const exceeded = budgets.filter((budget) => usageOf(budget, fewest) > 1);
  if (exceeded.length > 0) throw infeasible(exceeded, fewest, least);
}

function diverged(): BitwrightError {
  return new BitwrightError('failed_precondition', 'DIVERGED', 'the training diverged; use a smaller learning rate');
}

function infeasible(budgets: readonly BitBudget[], fewest: readonly LayerPrecision[], least: number): BitwrightError {
  const parts = budgets.map((budget) => {
    const { name, limit, unit } = budget;
    const reached = (usageOf(budget, fewest) * limit) / unit;
    return `${name} of ${(limit / unit).toPrecision(6)} cannot be reached: with ${least} bits everywhere the smallest is ${reached.toPrecision(6)}`;
  });
  return new BitwrightError('failed_precondition', 'BUDGET_INFEASIBLE', parts.join('; '));
}

/** Weight and input of every layer that is not pinned; the network's own input counts as any. */
export function learnedTensors(layers: readonly Layer[], pin: PinRule): readonly LearnedTensor[] {
  return layers
    .filter(({ index }) => !isPinned(index, layers.length, pin))
    .flatMap(({ index }): LearnedTensor[] => [
      { layer: index, role: 'weight' },
      { layer: index, role: 'input' },
    ]);
}

function createStep(
  { model, layers, preprocessing, options: { finetuning } }: Bench,
  plan: QuantizationPlan,
  tensors: readonly LearnedTensor[],
  { fidelity, options: { maximumBits: bits, minimumBits: least, order } }: Learning,
  batchSize: number,
): TrainingStep {
  const keys = tensors.map(({ layer, role }) => `${layers[layer]?.name}.${role}`);
  const scales = new Map(tensors.map(({ layer }) => [`${layers[layer]?.name}.weight`, scalesOf(plan, layer)]));
  return createTrainingStep(model.network, preprocessing, {
    batchSize,
    labelSmoothing: 0,
    momentum: finetuning.momentum,
    weightDecay: finetuning.weightDecay,
    decays: (name) => name.endsWith('.weight'),
    batchNormalization: { kind: 'training', momentum: 0.1 },
    distillation: distillationFrom(model, fidelity),
    quantization: {
      layers,
      structure: structureOf(plan),
      learnsClips: true,
      learned: { keys, scales, bits, least, order },
    },
  });
}

/** The plan with the levels of the gates that are open. */
function endPlan(
  plan: QuantizationPlan,
  tensors: readonly LearnedTensor[],
  layers: readonly LayerPrecision[],
  learned: readonly LearnedLevels[],
): QuantizationPlan {
  const result = [...plan];
  tensors.forEach((tensor, row) => {
    const levels = effectiveLevels((learned[row] as LearnedLevels).levels, bitsOf(layers, tensor));
    const entry = result[tensor.layer] as QuantizationPlan[number];
    const quantizer = { kind: 'levels', levels } as const;
    result[tensor.layer] =
      tensor.role === 'weight'
        ? { ...entry, weight: { ...quantizer, scales: scalesOf(plan, tensor.layer) } }
        : { ...entry, activation: quantizer };
  });
  return result;
}
