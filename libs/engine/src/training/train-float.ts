import { createRandomSource, type Network, type Parameters, permutation, type Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { createSession, type Feed, GraphBuilder, type GraphTensor, type Session } from '@bitwright/tensor';
import { emitNetwork } from '../network/emit-network.js';
import { declareVariables, type NetworkVariables } from '../network/network-variables.js';
import { type Augmentation, composeBatch } from '../samples/batch-composer.js';
import { emitInput } from '../samples/emit-input.js';
import type { ImageBatch } from '../samples/image-batch.js';
import { emitLoss } from './emit-loss.js';
import { emitSgd, type TrainedVariable } from './emit-optimizer.js';
import { cosineRate } from './learning-rate.js';

export type FloatTrainingOptions = {
  readonly epochs: number;
  readonly batchSize: number;
  /** Peak of the cosine schedule. */
  readonly learningRate: number;
  /** Epochs of linear warm-up; may be a fraction. */
  readonly warmUpEpochs: number;
  readonly momentum: number;
  /** Applied to convolution and fully connected weights, not to biases and batch normalization. */
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  readonly augmentation: Augmentation;
  /** Share of a new batch in the running statistics. */
  readonly statisticsMomentum: number;
  readonly seed: number;
};

export const DEFAULT_FLOAT_TRAINING: FloatTrainingOptions = {
  epochs: 30,
  batchSize: 128,
  learningRate: 0.2,
  warmUpEpochs: 1,
  momentum: 0.9,
  weightDecay: 1e-4,
  labelSmoothing: 0.1,
  augmentation: { flip: true, shift: 2 },
  statisticsMomentum: 0.1,
  seed: 1,
};

/** After each step; `loss` is the mean over the steps of the epoch so far (with label smoothing). */
export type TrainingProgress = { readonly epoch: number; readonly step: number; readonly steps: number; readonly loss: number };

export type FloatTraining = {
  readonly network: Network;
  readonly parameters: Parameters;
  readonly samples: Samples;
  readonly preprocessing: Preprocessing;
  readonly options: FloatTrainingOptions;
  readonly onProgress?: (progress: TrainingProgress) => void;
};

/**
 * Trains a float network with SGD and gives the trained parameters. The last, incomplete batch of an epoch is left
 * out. Same seed, same result on the same machine with one thread. Blocks its thread: run it in a process of its own.
 */
export function trainFloat({ network, parameters, samples, preprocessing, options, onProgress }: FloatTraining): Parameters {
  using step = createTrainingStep(network, preprocessing, options);
  step.store(parameters);
  const random = createRandomSource(options.seed);
  const perEpoch = Math.floor(samples.count / options.batchSize);
  const steps = perEpoch * options.epochs;
  const schedule = { peak: options.learningRate, steps, warmUpSteps: Math.round(perEpoch * options.warmUpEpochs) };
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    const order = permutation(samples.count, random);
    let loss = 0;
    for (let index = 0; index < perEpoch; index += 1) {
      const chosen = order.subarray(index * options.batchSize, (index + 1) * options.batchSize);
      const batch = composeBatch(samples, chosen, preprocessing, { ...options.augmentation, random });
      const done = epoch * perEpoch + index;
      loss += step.run(batch, cosineRate(schedule, done));
      onProgress?.({ epoch, step: done + 1, steps, loss: loss / (index + 1) });
    }
  }
  return step.load();
}

/** A compiled training step with the parameters it trains. */
export interface TrainingStep extends Disposable {
  store(parameters: Parameters): void;
  load(): Parameters;
  /** Trains on one batch and gives its loss before the update. */
  run(batch: ImageBatch, learningRate: number): number;
}

/** Compiles forward pass, backward pass and update of a float network for one batch size. */
export function createTrainingStep(network: Network, preprocessing: Preprocessing, options: FloatTrainingOptions): TrainingStep {
  const graph = new GraphBuilder();
  const variables = declareVariables(graph, network);
  const input = emitInput(graph, network.input, options.batchSize, preprocessing);
  const batchNormalization = { kind: 'training', momentum: options.statisticsMomentum } as const;
  const emitted = emitNetwork(graph, network, input.normalized, { parameter: variables.parameter, batchNormalization });
  const loss = emitLoss(graph, emitted.logits, options.labelSmoothing);
  const rate = graph.placeholder('float32', []);
  const decays = (name: string) => name.endsWith('.weight');
  const trained = toTrained(variables, emitted.backward(loss.gradient));
  const optimizer = emitSgd(graph, trained, rate, { momentum: options.momentum, weightDecay: options.weightDecay, decays });
  const statistics = [...emitted.statistics].map(([name, value]) => graph.assign(variables.variable(name), value));
  const updated = graph.signal([...optimizer.step, ...statistics]);
  const reset = graph.signal(optimizer.reset);
  const session = createSession(graph);
  session.run([], [reset]);
  const run = (batch: ImageBatch, learningRate: number) =>
    runStep(session, [
      { target: input.bytes, values: batch.images },
      { target: loss.labels, values: batch.labels },
      { target: rate, values: Float32Array.of(learningRate) },
    ], [loss.mean, updated]);
  return {
    store: (parameters) => variables.store(session, parameters),
    load: () => variables.load(session),
    run,
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

function runStep(session: Session, feeds: readonly Feed[], fetches: readonly GraphTensor[]): number {
  return session.run(feeds, fetches)[0]?.values[0] as number;
}

function toTrained(variables: NetworkVariables, gradients: ReadonlyMap<string, GraphTensor>): readonly TrainedVariable[] {
  return [...gradients].map(([name, gradient]) => ({
    name,
    gradient,
    variable: variables.variable(name),
    value: variables.parameter(name),
  }));
}
