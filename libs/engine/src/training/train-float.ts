import { createRandomSource, type Network, type Parameters, type Preprocessing, permutation } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { type Augmentation, composeBatch } from '../samples/batch-composer.js';
import { cosineRate } from './learning-rate.js';
import { createTrainingStep, type TrainingStepOptions } from './training-step.js';

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
export type TrainingProgress = {
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
};

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
export function trainFloat({
  network,
  parameters,
  samples,
  preprocessing,
  options,
  onProgress,
}: FloatTraining): Parameters {
  using step = createTrainingStep(network, preprocessing, floatStepOptions(options));
  step.start(parameters);
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
  return step.parameters();
}

function floatStepOptions(options: FloatTrainingOptions): TrainingStepOptions {
  const { batchSize, labelSmoothing, momentum, weightDecay, statisticsMomentum } = options;
  const batchNormalization = { kind: 'training', momentum: statisticsMomentum } as const;
  return {
    batchSize,
    labelSmoothing,
    momentum,
    weightDecay,
    batchNormalization,
    decays: (name) => name.endsWith('.weight'),
  };
}
