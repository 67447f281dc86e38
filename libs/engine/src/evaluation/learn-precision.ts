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
import { channelScales, effectiveLevels, type LearnedLevels, overScales, startLevels } from '@bitwright/quantizers';
import type { QuantizationPlan } from '../quantization/plan.js';
import { structureOf } from '../quantization/plan.js';
import { updatePlan } from '../quantization/quantize-parameters.js';
import { finetuningBatches } from '../training/finetuning-batches.js';
import { createTrainingStep, type TrainingStep } from '../training/training-step.js';
import type { Work } from '../work.js';
import { type Bench, distillationFrom, histogramsOf } from './bench.js';
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
  /** How far a gate's score falls in a step where its budget is exceeded twofold and the loss says nothing. */
  readonly gateRate: number;
};

export const DEFAULT_LEARNING: LearningOptions = {
  maximumBits: 6,
  minimumBits: 2,
  pin: 'first-last',
  order: 2,
  levelRate: 1e-3,
  correction: 0.01,
  gateRate: 0.03,
};

/** λ rises over the first third; the gates are frozen for the last fifth, with the budget met. */
const RISE = 1 / 3;
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
 * DDQ: trains weights, levels and gates together (arXiv 2106.02295), through a penalty on what exceeds the budgets; then
 * closes the gates that are still too many, opens those that still fit, and trains the rest with the bits fixed.
 */
export function* learnPrecision(bench: Bench, learning: Learning): Work<LearnedPrecision> {
  const { model, data, preprocessing } = bench;
  assertFeasible(bench, learning);
  const { fidelity, seed, options } = learning;
  const histograms = yield* histogramsOf(bench, fidelity.calibrationSamples);
  const tensors = learnedTensors(bench.layers, options.pin);
  const first = startPolicy(bench, options);
  const calibrated = bench.calibration.plan(first, histograms, seed);
  const open = startPlan(calibrated, tensors, model.parameters);
  const { batchSize, steps, each } = finetuningBatches(data.splits.training, fidelity, seed, preprocessing);
  using step = createStep(bench, open, tensors, learning, batchSize);
  step.start(model.parameters, open);
  step.setLevels(tensors.map((tensor) => startOf(tensor, bench, open, calibrated, options.maximumBits)));
  const gates = trackGates(step, tensors, first.layers, learning);
  for (const { batch, rate, done } of each()) {
    if (done === Math.floor(FREEZE * steps)) gates.freeze();
    const levels = (options.levelRate * rate) / fidelity.learningRate;
    const loss = step.run(batch, rate, { levels, correction: options.correction, ...gates.rates(done / steps) });
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

/** Levels from the least to the greatest weight in units of its channel, or over the calibrated range of an input. */
function startOf(
  { layer, role }: LearnedTensor,
  { layers, model }: Bench,
  open: QuantizationPlan,
  calibrated: QuantizationPlan,
  bits: number,
): LearnedLevels {
  const { activation } = calibrated[layer] as QuantizationPlan[number];
  if (role === 'input') {
    const clip = activation.kind === 'linear' ? Math.max(activation.clip, SMALLEST_RANGE) : 1;
    return startLevels(layers[layer]?.inputSigned === true ? -clip : 0, clip, bits);
  }
  const { values } = model.parameters.get(`${layers[layer]?.name}.weight`) as ParameterTensor;
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of overScales(values, scalesOf(open, layer)))
    [lowest, highest] = [Math.min(lowest, value), Math.max(highest, value)];
  return startLevels(lowest, Math.max(highest, lowest + SMALLEST_RANGE), bits);
}

function scalesOf(plan: QuantizationPlan, layer: number): Float32Array {
  const { weight } = plan[layer] as QuantizationPlan[number];
  return weight.kind === 'levels' ? weight.scales : Float32Array.of(1);
}

/** Keeps a tensor of one value from having no range. */
const SMALLEST_RANGE = 1e-6;

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

/** Follows which gates are open, and says how hard the budgets press on each. */
function trackGates(
  step: TrainingStep,
  tensors: readonly LearnedTensor[],
  start: readonly LayerPrecision[],
  { budgets, options }: Learning,
) {
  const { maximumBits: bits, minimumBits: least } = options;
  const none = new Float32Array(tensors.length * bits);
  const rates = gateRates(budgets, start, tensors, options);
  let frozen: readonly LayerPrecision[] | undefined;
  const layers = () => frozen ?? withOpenBits(start, tensors, step.openBits());
  return {
    layers,
    rates: (progress: number) => {
      if (frozen !== undefined) return { gates: none, pressure: none };
      const strength = Math.min(1, progress / RISE);
      return { gates: rates, pressure: gatePressure(budgets, layers(), tensors, { bits, least, strength }) };
    },
    freeze: () => {
      const learned = step.levels();
      const scoreOf = (row: number, gate: number) => learned[row]?.scores[gate] ?? -1;
      // Defined, as the fewest bits meet the budgets.
      const met = closeGates(budgets, layers(), tensors, least, scoreOf) as readonly LayerPrecision[];
      frozen = openGates(budgets, met, tensors, bits, scoreOf);
      const closed = frozen;
      step.setLevels(
        learned.map(({ levels }, row) => ({
          levels,
          scores: scoresOf(bits, bitsOf(closed, tensors[row] as LearnedTensor)),
        })),
      );
    },
  };
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

/**
 * Rates by which a gate's score falls at the same speed whatever its bit saves: what holds it is then what the loss says
 * for each unit of cost. The unit is the pressure where every budget is exceeded twofold.
 */
function gateRates(
  budgets: readonly BitBudget[],
  start: readonly LayerPrecision[],
  tensors: readonly LearnedTensor[],
  { maximumBits: bits, minimumBits: least, gateRate }: LearningOptions,
): Float32Array {
  const halved = budgets.map((budget) => ({ ...budget, limit: budget.limit * usageOf(budget, start) * 0.5 }));
  const pressure = gatePressure(halved, start, tensors, { bits, least, strength: 1 });
  return pressure.map((value) => (value > 0 ? gateRate / value : 0));
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
