import {
  BitwrightError,
  type Fidelity,
  invalidField,
  type Layer,
  type LayerPrecision,
  type Parameters,
  type ParameterTensor,
  type PinRule,
  uniformPolicy,
} from '@bitwright/core';
import {
  channelScales,
  effectiveLevels,
  fitLevels,
  type Histogram,
  type LearnedLevels,
  overScales,
  quantilesOf,
} from '@bitwright/quantizers';
import type { QuantizationPlan } from '../quantization/plan.js';
import { structureOf } from '../quantization/plan.js';
import { updatePlan } from '../quantization/quantize-parameters.js';
import { finetuningBatches } from '../training/finetuning-batches.js';
import { createTrainingStep, type TrainingStep } from '../training/training-step.js';
import type { Work } from '../work.js';
import { type Bench, distillationFrom, histogramsOf, startParameters } from './bench.js';
import {
  type BitBudget,
  bitsOf,
  closeGates,
  gatePressure,
  type LearnedTensor,
  openGates,
  usageOf,
  withBits,
} from './bit-budget.js';

export type LearningOptions = {
  /** B: bits that every tensor starts with, and the fewest that it may end with. */
  readonly maximumBits: number;
  readonly minimumBits: number;
  readonly pin: PinRule;
  readonly order: 1 | 2;
  /** Rate of the levels, in shares of a tensor's first range. */
  readonly levelRate: number;
  /** How far a level goes towards the mean of its values in a step, 0..1. */
  readonly correction: number;
  /** How far a gate's score moves in a hundredth of the training, where 1 is its whole range from 0. */
  readonly gateRate: number;
};

/** λ rises from the first to the last, in nats, over this share of the training: by the same factor in every step. */
const [LEAST_STRENGTH, MOST_STRENGTH, RISE] = [1e-3, 1e3, 0.4];

/** The last fifth trains with the bits fixed, whether training met the budgets or not. */
const FREEZE = 0.8;

export type Learning = {
  readonly budgets: readonly BitBudget[];
  readonly fidelity: Fidelity;
  readonly seed: number;
  readonly options: LearningOptions;
};

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
  const first = startPolicy(bench, options);
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
  if (!layers.some((layer) => isFree(layer, layers, pin)))
    throw invalidField('pin', `leaves none of the network's ${layers.length} layers to be learned; pin none`);
  const fewest = layers.map((layer) => bitsEverywhere(isFree(layer, layers, pin) ? least : 8));
  const exceeded = budgets.filter((budget) => usageOf(budget, fewest) > 1);
  if (exceeded.length > 0) throw infeasible(exceeded, fewest, least);
}

const bitsEverywhere = (bits: number): LayerPrecision => ({ weightBits: bits, activationBits: bits });

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

/** Whether the layer is none of those that are kept at 8 bits. */
export const isFree = ({ index }: Layer, layers: readonly Layer[], pin: PinRule) =>
  pin === 'none' || (index > 0 && index < layers.length - 1);

/** Weight and input of every layer that is not pinned; the network's own input counts as any. */
export function learnedTensors(layers: readonly Layer[], pin: PinRule): readonly LearnedTensor[] {
  return layers
    .filter((layer) => isFree(layer, layers, pin))
    .flatMap(({ index }): LearnedTensor[] => [
      { layer: index, role: 'weight' },
      { layer: index, role: 'input' },
    ]);
}

function startPolicy({ layers }: Bench, { maximumBits, pin }: LearningOptions) {
  const policy = uniformPolicy(layers.length, maximumBits);
  if (pin === 'none') return policy;
  const pinned = { weightBits: 8, activationBits: 8 };
  return { ...policy, layers: policy.layers.with(0, pinned).with(-1, pinned) };
}

/** The calibrated plan with quantizers that are still to be learned. */
function startPlan(
  plan: QuantizationPlan,
  tensors: readonly LearnedTensor[],
  parameters: Parameters,
): QuantizationPlan {
  const open = { kind: 'levels', levels: new Float32Array(1) } as const;
  const learned = new Set(tensors.map(({ layer }) => layer));
  return plan.map((entry, index) => {
    if (!learned.has(index)) return entry;
    const { values } = parameters.get(`${entry.layer.name}.weight`) as ParameterTensor;
    return { ...entry, weight: { ...open, scales: channelScales(values, entry.layer.outChannels) }, activation: open };
  });
}

/** Levels fitted to the weight in units of its channels, or to what the float network has at an input. */
function startOf(
  { layer, role }: LearnedTensor,
  { layers, model }: Bench,
  open: QuantizationPlan,
  histograms: ReadonlyMap<string, Histogram>,
  bits: number,
): LearnedLevels {
  const { name, inputTensor, inputSigned } = layers[layer] as Layer;
  if (role === 'input') {
    const magnitudes = quantilesOf(histograms.get(inputTensor) as Histogram, INPUT_QUANTILES);
    // The histogram does not know signs: values of both are taken to be alike.
    return fitLevels(inputSigned ? mirrored(magnitudes) : magnitudes, bits);
  }
  const { values } = model.parameters.get(`${name}.weight`) as ParameterTensor;
  return fitLevels(overScales(values, scalesOf(open, layer)), bits);
}

const mirrored = (values: Float32Array) => Float32Array.from([...values, ...values.map((value) => -value)]);

function scalesOf(plan: QuantizationPlan, layer: number): Float32Array {
  const { weight } = plan[layer] as QuantizationPlan[number];
  return weight.kind === 'levels' ? weight.scales : Float32Array.of(1);
}

/** Values that stand for all of an input. */
const INPUT_QUANTILES = 20_000;

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

/** Follows which gates are open, says how hard the budgets press on each, and freezes them when the budgets are met. */
function trackGates(
  step: TrainingStep,
  tensors: readonly LearnedTensor[],
  start: readonly LayerPrecision[],
  { budgets, options }: Learning,
  steps: number,
) {
  const { maximumBits: bits, minimumBits: least } = options;
  const none = new Float32Array(tensors.length * bits);
  let frozen: readonly LayerPrecision[] | undefined;
  const layers = () => frozen ?? withOpenBits(start, tensors, step.openBits());
  const freeze = (reached: readonly LayerPrecision[]) => {
    const learned = step.levels();
    const scoreOf = (row: number, gate: number) => learned[row]?.scores[gate] ?? -1;
    // Defined, as the fewest bits meet the budgets.
    const met = closeGates(budgets, reached, tensors, least, scoreOf) as readonly LayerPrecision[];
    const fixed = openGates(budgets, met, tensors, bits, scoreOf);
    frozen = fixed;
    step.setLevels(
      learned.map(({ levels }, row) => ({
        levels,
        scores: scoresOf(bits, bitsOf(fixed, tensors[row] as LearnedTensor)),
      })),
    );
  };
  return {
    layers,
    pressure: (done: number) => {
      if (frozen !== undefined) return none;
      const reached = layers();
      const met = budgets.every((budget) => usageOf(budget, reached) <= 1);
      if (met || done >= Math.floor(FREEZE * steps)) {
        freeze(reached);
        return none;
      }
      return gatePressure(budgets, reached, tensors, { bits, least, strength: strengthAt(done / steps) });
    },
  };
}

/** λ after a share of the training. */
function strengthAt(progress: number): number {
  return LEAST_STRENGTH * (MOST_STRENGTH / LEAST_STRENGTH) ** Math.min(1, progress / RISE);
}

function withOpenBits(
  start: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  open: readonly number[],
): readonly LayerPrecision[] {
  return tensors.reduce((layers, tensor, row) => withBits(layers, tensor, open[row] as number), start);
}

const scoresOf = (bits: number, open: number) =>
  Float32Array.from({ length: bits }, (_, gate) => (gate < open ? 1 : -1));

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
