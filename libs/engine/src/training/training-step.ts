import type { Layer, Model, Network, Parameters, Preprocessing } from '@bitwright/core';
import type { LearnedLevels } from '@bitwright/quantizers';
import { createSession, type Feed, GraphBuilder, type GraphTensor, type Session } from '@bitwright/tensor';
import { type EmissionOptions, emitNetwork } from '../network/emit-network.js';
import { declareVariables, type NetworkVariables } from '../network/network-variables.js';
import { declareLevels, type LevelVariables } from '../quantization/level-variables.js';
import { absorbedRectifiers, type PlanStructure, type QuantizationPlan } from '../quantization/plan.js';
import { declareQuantization, type QuantizationVariables } from '../quantization/quantization-variables.js';
import { type EmittedInput, emitInput } from '../samples/emit-input.js';
import type { ImageBatch } from '../samples/image-batch.js';
import { emitClipUpdate } from './emit-clip-update.js';
import { type CodebookProjection, emitCodebookProjection } from './emit-codebook-projection.js';
import { type EmittedLevelUpdate, emitLevelUpdate, type LevelRates } from './emit-level-update.js';
import { emitLoss } from './emit-loss.js';
import { emitSgd, type SgdOptions, type TrainedVariable } from './emit-optimizer.js';
import { emitPointProjection, type PointProjection } from './emit-point-projection.js';
import { type EmittedTeacher, emitTeacher } from './emit-teacher.js';

export type TrainingStepOptions = SgdOptions & {
  readonly batchSize: number;
  readonly labelSmoothing: number;
  readonly batchNormalization: EmissionOptions['batchNormalization'];
  /** The float network whose outputs are part of the targets, and their share of them, 0..1. */
  readonly distillation?: Distillation | undefined;
  /** Trains through fake quantization; absent for a float network. */
  readonly quantization?: StepQuantization | undefined;
};

export type Distillation = { readonly teacher: Model; readonly share: number };

export type StepQuantization = {
  readonly layers: readonly Layer[];
  readonly structure: PlanStructure;
  /** Whether the activations' clip thresholds are trained as well. */
  readonly learnsClips: boolean;
  /** Tensors whose levels and bits are learned (DDQ). */
  readonly learned?: LearnedTensors | undefined;
};

/** What is learned of which tensors, by their keys `<layer>.weight` and `<layer>.input`. */
export type LearnedTensors = {
  readonly keys: readonly string[];
  /** Of each weight's output channels: its levels are in units of them. */
  readonly scales: ReadonlyMap<string, Float32Array>;
  /** Gates of each tensor, and how many of them never close. */
  readonly bits: number;
  readonly least: number;
  readonly order: 1 | 2;
};

/** A compiled training step with the parameters it trains. */
export interface TrainingStep extends Disposable {
  /** Sets the parameters and, for a quantized network, the plan; forgets the momentum of earlier steps. */
  start(parameters: Parameters, plan?: QuantizationPlan): void;
  /** Trains on one batch and gives its loss before the update; `rates` where levels are learned. */
  run(batch: ImageBatch, learningRate: number, rates?: LevelRates): number;
  parameters(): Parameters;
  /** The clip threshold of each layer. */
  clips(): Float32Array;
  /** Sets what is learned of the tensors' levels. */
  setLevels(learned: readonly LearnedLevels[]): void;
  levels(): readonly LearnedLevels[];
  /** How many gates each tensor has open. */
  openBits(): readonly number[];
}

type StepGraph = {
  readonly variables: NetworkVariables;
  readonly quantization: QuantizationVariables | undefined;
  readonly projections: readonly (CodebookProjection | PointProjection)[];
  readonly learned: { readonly variables: LevelVariables; readonly update: EmittedLevelUpdate } | undefined;
  readonly teacher: EmittedTeacher | undefined;
  readonly input: EmittedInput;
  readonly labels: GraphTensor;
  readonly rate: GraphTensor;
  readonly loss: GraphTensor;
  readonly updated: GraphTensor;
  readonly reset: GraphTensor;
};

/** Compiles forward pass, backward pass and update for one network, batch size and structure of quantizers. */
export function createTrainingStep(
  network: Network,
  preprocessing: Preprocessing,
  options: TrainingStepOptions,
): TrainingStep {
  const graph = new GraphBuilder();
  const parts = emitStep(graph, network, preprocessing, options);
  const session = createSession(graph);
  parts.teacher?.store(session);
  const run = (batch: ImageBatch, learningRate: number, rates?: LevelRates) => {
    const feeds: readonly Feed[] = [
      parts.input.feed(batch.images),
      { target: parts.labels, values: batch.labels },
      { target: parts.rate, values: Float32Array.of(learningRate) },
      ...(rates === undefined ? [] : (parts.learned?.update.feeds(rates) ?? [])),
    ];
    return session.run(feeds, [parts.loss, parts.updated])[0]?.values[0] as number;
  };
  return {
    start: (parameters, plan) => startStep(session, parts, parameters, plan),
    run,
    parameters: () => parts.variables.load(session),
    clips: () => readClips(session, parts.quantization),
    setLevels: (learned) => parts.learned?.variables.store(session, learned),
    levels: () => parts.learned?.variables.load(session) ?? [],
    openBits: () => parts.learned?.variables.openBits(session) ?? [],
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

function startStep(
  session: Session,
  parts: StepGraph,
  parameters: Parameters,
  plan: QuantizationPlan | undefined,
): void {
  parts.variables.store(session, parameters);
  if (plan !== undefined) {
    parts.quantization?.store(session, plan);
    for (const projection of parts.projections) projection.store(session, plan);
  }
  session.run([], [parts.reset]);
}

function readClips(session: Session, quantization: QuantizationVariables | undefined): Float32Array {
  if (quantization === undefined) return new Float32Array(0);
  return session.run([], [quantization.clipValues])[0]?.values as Float32Array;
}

function emitStep(
  graph: GraphBuilder,
  network: Network,
  preprocessing: Preprocessing,
  options: TrainingStepOptions,
): StepGraph {
  const variables = declareVariables(graph, network);
  const input = emitInput(graph, network.input, options.batchSize, preprocessing);
  const quantized = declareStepQuantization(graph, network, options.quantization);
  const { batchNormalization, labelSmoothing, distillation } = options;
  const emission = { parameter: variables.parameter, batchNormalization, ...quantized.emission };
  const emitted = emitNetwork(graph, network, input.normalized, emission);
  const teacher = distillation && emitTeacher(graph, distillation.teacher, input.normalized);
  const mixed = distillation && teacher && { logits: teacher.logits, share: distillation.share };
  const loss = emitLoss(graph, emitted.logits, { labelSmoothing, teacher: mixed });
  const rate = graph.placeholder('float32', []);
  const gradients = emitted.backward(loss.gradient);
  const optimizer = emitSgd(graph, toTrained(variables, gradients), rate, options);
  const statistics = [...emitted.statistics].map(([name, value]) => graph.assign(variables.variable(name), value));
  const clips =
    quantized.variables && options.quantization?.learnsClips
      ? emitClipUpdate(graph, options.quantization.layers, quantized.variables, gradients, rate, options)
      : undefined;
  const projections = emitProjections(graph, options.quantization, variables, optimizer.step);
  const levels =
    quantized.levels &&
    options.quantization?.learned &&
    emitLevelUpdate(graph, quantized.levels, {
      batchSize: options.batchSize,
      order: options.quantization.learned.order,
    });
  const extras = [clips, levels].filter((extra) => extra !== undefined);
  const updated = graph.signal([
    ...optimizer.step,
    ...statistics,
    ...[...extras, ...projections].flatMap(({ step }) => step),
  ]);
  const reset = graph.signal([...optimizer.reset, ...extras.flatMap((extra) => extra.reset)]);
  return {
    variables,
    quantization: quantized.variables,
    projections,
    learned: quantized.levels && levels && { variables: quantized.levels, update: levels },
    teacher,
    input,
    labels: loss.labels,
    rate,
    loss: loss.mean,
    updated,
    reset,
  };
}

/** What brings the weights back to what their quantizers can give. */
function emitProjections(
  graph: GraphBuilder,
  quantization: StepQuantization | undefined,
  variables: NetworkVariables,
  updates: readonly string[],
): StepGraph['projections'] {
  if (quantization === undefined) return [];
  return [emitCodebookProjection, emitPointProjection].map((emit) => emit(graph, quantization, variables, updates));
}

function declareStepQuantization(graph: GraphBuilder, network: Network, options: StepQuantization | undefined) {
  if (options === undefined) return { variables: undefined, levels: undefined, emission: {} };
  const { layers, structure, learnsClips } = options;
  const levels = options.learned && declareLevels(graph, options.learned.keys, options.learned);
  const learned = levels?.quantize;
  const quantizing = { structure, learnsClips, quantizesWeights: true, learned };
  const variables = declareQuantization(graph, network, layers, quantizing);
  const absorbed = absorbedRectifiers(network, layers, structure);
  return { variables, levels, emission: { quantization: variables.quantization, absorbed } };
}

function toTrained(
  variables: NetworkVariables,
  gradients: ReadonlyMap<string, GraphTensor>,
): readonly TrainedVariable[] {
  return [...gradients]
    .filter(([name]) => !name.endsWith('.clip'))
    .map(([name, gradient]) => ({
      name,
      gradient,
      variable: variables.variable(name),
      value: variables.parameter(name),
    }));
}
