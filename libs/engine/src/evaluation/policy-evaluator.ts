import {
  assertPolicyFits,
  deriveLayers,
  deriveSeed,
  type Fidelity,
  type Layer,
  type Model,
  type Parameters,
  type PrecisionPolicy,
  type Preprocessing,
  type Split,
} from '@bitwright/core';
import type { Dataset, Samples } from '@bitwright/datasets';
import type { Histogram } from '@bitwright/quantizers';
import { createCalibrationCache } from '../calibration/calibration-cache.js';
import { type Classifier, createClassifier, type Measurement } from '../measuring/classifier.js';
import { createStatisticsEstimator, type StatisticsEstimator } from '../measuring/statistics-estimator.js';
import { createKeptPoints } from '../multipoint/kept-points.js';
import { foldBatchNormalization } from '../network/fold-batch-normalization.js';
import { type PlanStructure, type QuantizationPlan, structureOf } from '../quantization/plan.js';
import { quantizeParameters, updatePlan } from '../quantization/quantize-parameters.js';
import { chooseOrAll } from '../samples/choose-samples.js';
import { finetuningBatches } from '../training/finetuning-batches.js';
import { createTrainingStep, type TrainingStep } from '../training/training-step.js';
import type { Work } from '../work.js';
import {
  type Bench,
  distillationFrom,
  type EvaluatorOptions,
  histogramsOf,
  STATISTICS_BATCH,
  startParameters,
  statisticsSamples,
} from './bench.js';
import { givePoints } from './give-points.js';
import { type LearnedPrecision, learnPrecision } from './learn-precision.js';
import type { Learning } from './learning.js';
import { createSessionCache } from './session-cache.js';

export const DEFAULT_EVALUATOR: EvaluatorOptions = {
  clipping: { weights: 'mean-squared-error', activations: 'mean-squared-error' },
  statisticsSamples: 512,
  finetuning: {
    batchNormalization: 'training',
    learnsClips: true,
    momentum: 0.9,
    weightDecay: 4e-5,
  },
};

/** What to measure. No policy: the float network, as it is and without fine-tuning. */
export type Evaluation = {
  readonly policy: PrecisionPolicy | undefined;
  readonly fidelity: Fidelity;
  readonly split: Split;
  readonly seed: number;
};

/** The measurement with what was measured: parameters before quantization, and how they are quantized. */
export type EvaluationOutcome = Measurement & {
  readonly samples: number;
  readonly parameters: Parameters;
  readonly plan: QuantizationPlan | undefined;
};

/** The same of what was learned. */
export type LearningOutcome = Omit<EvaluationOutcome, 'plan'> & LearnedPrecision;

/** Evaluates policies of one model on one data set; keeps what can be used again (calibration, compiled graphs). */
export interface PolicyEvaluator extends Disposable {
  readonly layers: readonly Layer[];
  /** Calibrates, fine-tunes as the fidelity says, estimates statistics anew, measures. Same request, same result. */
  evaluate(evaluation: Evaluation): Work<EvaluationOutcome>;
  /** Histograms of what the layers read, over so many training samples; always the same ones. */
  calibrate(samples: number): Work<ReadonlyMap<string, Histogram>>;
  /** How a policy quantizes the network before any fine-tuning. */
  plan(policy: PrecisionPolicy, calibrationSamples: number, seed: number): Work<QuantizationPlan>;
  /** Learns levels and bits by gradient, estimates statistics anew, measures. Same request, same result. */
  learn(learning: Learning, split: Split): Work<LearningOutcome>;
  /** Estimates statistics anew for another plan of given parameters, then measures; 0 samples mean all of the split. */
  remeasure(parameters: Parameters, plan: QuantizationPlan, split: Split, count: number): Work<Measurement>;
  /** Measures given parameters under a given plan on all samples of a split, without any training. */
  measure(parameters: Parameters, plan: QuantizationPlan | undefined, split: Split, count: number): Work<Measurement>;
}

const MEASURING_BATCH = 128;

/** Compiled graphs kept for use again; each costs some 10 MB and seconds to make. */
const KEPT_SESSIONS = 8;

/** An evaluator for one model and data set. */
export function createPolicyEvaluator(
  model: Model,
  data: Dataset,
  preprocessing: Preprocessing,
  options = DEFAULT_EVALUATOR,
): PolicyEvaluator {
  const layers = deriveLayers(model.network);
  const calibration = createCalibrationCache(model, layers, options.clipping);
  const sessions = createSessionCache(KEPT_SESSIONS);
  const bench: Bench = {
    model,
    data,
    preprocessing,
    layers,
    options,
    calibration,
    histograms: new Map(),
    settled: {},
    divergences: new Map(),
    points: createKeptPoints(),
    sessions,
  };
  return {
    layers,
    evaluate: (evaluation) => evaluate(bench, evaluation),
    calibrate: (samples) => histogramsOf(bench, samples),
    plan: (policy, calibrationSamples, seed) => planOf(bench, policy, calibrationSamples, seed),
    learn: (learning, split) => learn(bench, learning, split),
    remeasure: function* (parameters, plan, split, count) {
      const estimated = yield* estimateStatistics(bench, parameters, plan);
      return yield* measure(bench, estimated, plan, measuredSamples(data, split, count));
    },
    measure: (parameters, plan, split, count) => measure(bench, parameters, plan, measuredSamples(data, split, count)),
    [Symbol.dispose]: () => sessions[Symbol.dispose](),
  };
}

function* evaluate(bench: Bench, { policy, fidelity, split, seed }: Evaluation): Work<EvaluationOutcome> {
  const samples = measuredSamples(bench.data, split, fidelity.validationSamples);
  if (policy === undefined) {
    const measurement = yield* measure(bench, bench.model.parameters, undefined, samples);
    return { ...measurement, samples: samples.count, parameters: bench.model.parameters, plan: undefined };
  }
  let plan = yield* planOf(bench, policy, fidelity.calibrationSamples, seed);
  let parameters = yield* startParameters(bench);
  if (fidelity.finetuneEpochs > 0 && fidelity.finetuneSamples > 0) {
    ({ plan, parameters } = yield* finetune(bench, { plan, parameters }, fidelity, seed));
  }
  parameters = yield* estimateStatistics(bench, parameters, plan);
  const measurement = yield* measure(bench, parameters, plan, samples);
  return { ...measurement, samples: samples.count, parameters, plan };
}

function* planOf(bench: Bench, policy: PrecisionPolicy, count: number, seed: number): Work<QuantizationPlan> {
  assertPolicyFits(policy, bench.layers);
  const histograms = yield* histogramsOf(bench, count);
  const calibrated = bench.calibration.plan(policy, histograms, seed);
  return yield* givePoints(bench, policy, calibrated, count);
}

function* learn(bench: Bench, learning: Learning, split: Split): Work<LearningOutcome> {
  const samples = measuredSamples(bench.data, split, learning.fidelity.validationSamples);
  const { layers, plan, parameters: trained } = yield* learnPrecision(bench, learning);
  const parameters = yield* estimateStatistics(bench, trained, plan);
  const measurement = yield* measure(bench, parameters, plan, samples);
  return { ...measurement, samples: samples.count, parameters, plan, layers };
}

type Tuned = { readonly plan: QuantizationPlan; readonly parameters: Parameters };

/** Trains through the quantizers. Where that diverges, what it began with is given back. */
function* finetune(bench: Bench, { plan, parameters: given }: Tuned, fidelity: Fidelity, seed: number): Work<Tuned> {
  const { data, preprocessing, options } = bench;
  const folded = options.finetuning.batchNormalization === 'folded';
  const start = folded ? yield* estimateStatistics(bench, given, plan) : given;
  const { batchSize, steps, each } = finetuningBatches(data.splits.training, fidelity, seed, preprocessing);
  const step = finetuningStep(bench, structureOf(plan), batchSize, fidelity);
  // A projection after each step keeps weights on codebooks and sums of points: they start from there.
  step.start(hasProjections(plan) ? quantizeParameters(start, plan) : start, plan);
  for (const { batch, rate, done } of each()) {
    const loss = step.run(batch, rate);
    if (!Number.isFinite(loss)) return { parameters: start, plan };
    yield { phase: 'fine-tuning', done: done + 1, total: steps };
  }
  const parameters = step.parameters();
  return { parameters, plan: updatePlan(plan, step.clips(), parameters) };
}

const hasProjections = (plan: QuantizationPlan) =>
  plan.some(({ weight }) => weight.kind === 'k-means' || weight.kind === 'multipoint');

function finetuningStep(
  { model, layers, preprocessing, options, sessions }: Bench,
  structure: PlanStructure,
  batchSize: number,
  fidelity: Fidelity,
): TrainingStep {
  const distillation = distillationFrom(model, fidelity);
  const { batchNormalization, learnsClips, momentum, weightDecay } = options.finetuning;
  return sessions.get(`fine-tune ${batchSize} ${distillation?.share} ${JSON.stringify(structure)}`, () =>
    createTrainingStep(model.network, preprocessing, {
      batchSize,
      labelSmoothing: 0,
      momentum,
      weightDecay,
      decays: (name) => name.endsWith('.weight'),
      batchNormalization: batchNormalization === 'folded' ? { kind: 'folded' } : { kind: 'training', momentum: 0.1 },
      distillation,
      quantization: { layers, structure, learnsClips },
    }),
  );
}

/** The parameters with fresh statistics, measured with the weights as the plan quantizes them. */
function* estimateStatistics(bench: Bench, parameters: Parameters, plan: QuantizationPlan): Work<Parameters> {
  const { model, layers, preprocessing, sessions } = bench;
  const structure = structureOf(plan);
  const estimator: StatisticsEstimator = sessions.get(`statistics ${JSON.stringify(structure.activations)}`, () =>
    createStatisticsEstimator(model.network, preprocessing, { layers, structure }),
  );
  const samples = statisticsSamples(bench);
  const estimated = yield* estimator.estimate(quantizeParameters(parameters, plan), plan, samples, STATISTICS_BATCH);
  const isStatistic = (name: string) => name.endsWith('.mean') || name.endsWith('.variance');
  return new Map([...parameters, ...[...estimated].filter(([name]) => isStatistic(name))]);
}

function* measure(
  bench: Bench,
  parameters: Parameters,
  plan: QuantizationPlan | undefined,
  samples: Samples,
): Work<Measurement> {
  const { model, preprocessing, sessions } = bench;
  const values = plan === undefined ? parameters : quantizeParameters(parameters, plan);
  const folded = foldBatchNormalization({ network: model.network, parameters: values });
  const structure = plan && structureOf(plan);
  const classifier: Classifier = sessions.get(`classify ${JSON.stringify(structure?.activations)}`, () =>
    createClassifier(folded.network, preprocessing, structure && { layers: deriveLayers(folded.network), structure }),
  );
  classifier.start(folded.parameters, plan);
  return yield* classifier.measure(samples, MEASURING_BATCH);
}

/** The same samples for every policy and seed, so that their numbers can be compared; 0 means all. */
function measuredSamples(data: Dataset, split: Split, count: number): Samples {
  return chooseOrAll(data.splits[split], count, deriveSeed(0, 'measuring'));
}
