import { createRandomSource, deriveSeed, type Model } from '@bitwright/core';
import { assertDataFits, type Dataset, describeDataset, openDataset, preprocessingFor } from '@bitwright/datasets';
import { createParameters, DEFAULT_FLOAT_TRAINING, measureAccuracy, trainFloat } from '@bitwright/engine';
import {
  buildZooNetwork,
  CHECKPOINT_FOLDER,
  type CheckpointRecipe,
  RECIPE_SCHEMA,
  writeCheckpoint,
  type ZooOptions,
  zooOptions,
} from '@bitwright/zoo';
import type { TrainOptions } from './train-options.js';
import { createProgressReporter } from './training-report.js';

export type TrainingContext = {
  /** Folder of the data sets by name. */
  readonly dataFolder: string;
  /** What was typed, for the recipe. */
  readonly command: string;
  readonly output: NodeJS.WriteStream;
};

/**
 * Trains a network on the training split, measures it once on the validation and once on the test split, and writes
 * the checkpoint. Throws as `openDataset` and `buildZooNetwork` do for data or options that cannot be used.
 */
export async function trainNetwork(options: TrainOptions, context: TrainingContext): Promise<CheckpointRecipe> {
  const { output } = context;
  const startMs = performance.now();
  const dataset = await openDataset(options.dataset, { root: options.data ?? context.dataFolder, roots: ['/'] });
  const preprocess = preprocessingFor(dataset, options.imageSize);
  const zoo = toZooOptions(options, dataset);
  const network = buildZooNetwork(zoo);
  assertDataFits(network, dataset, preprocess);
  output.write(`${network.name} ${zoo.width} on ${dataset.name}: ${dataset.splits.training.count} training images\n`);
  // Train.
  const { training, lastLoss, model } = trainModel(network, dataset, preprocess, options, output);
  // Measure: the validation split, and the test split this once.
  const validation = measureAccuracy(model, dataset.splits.validation, preprocess);
  const test = measureAccuracy(model, dataset.splits.test, preprocess);
  output.write(`top-1: validation ${percent(validation.accuracy)}, test ${percent(test.accuracy)}\n`);
  // Keep.
  const { path, recipe } = await writeCheckpoint(options.out ?? CHECKPOINT_FOLDER, model, {
    schema: RECIPE_SCHEMA,
    ...zoo,
    dataset: dataset.name,
    dataDigest: dataset.digest,
    samples: describeDataset(dataset).samples,
    preprocess,
    testAccuracy: test.accuracy,
    validationAccuracy: validation.accuracy,
    trainingLoss: lastLoss,
    parameters: [...model.parameters.values()].reduce((sum, { values }) => sum + values.length, 0),
    command: context.command,
    seed: options.seed,
    training,
    seconds: Math.round((performance.now() - startMs) / 1000),
    createdAt: new Date().toISOString(),
  });
  output.write(`written to ${path}\n`);
  return recipe;
}

function toZooOptions(options: TrainOptions, dataset: Dataset): ZooOptions {
  const { network, width, imageSize, outputStride } = options;
  const source = { kind: 'zoo', network, width, imageSize, classes: dataset.classes, outputStride } as const;
  return zooOptions(source, dataset.imageShape.channels);
}

function trainModel(
  network: Model['network'],
  dataset: Dataset,
  preprocessing: CheckpointRecipe['preprocess'],
  options: TrainOptions,
  output: NodeJS.WriteStream,
) {
  const { epochs, batchSize, learningRate, weightDecay, labelSmoothing, seed } = options;
  const training = { ...DEFAULT_FLOAT_TRAINING, epochs, batchSize, learningRate, weightDecay, labelSmoothing, seed };
  const report = createProgressReporter(output, epochs);
  let lastLoss = Number.NaN;
  const parameters = trainFloat({
    network,
    parameters: createParameters(network, createRandomSource(deriveSeed(seed, 'initial parameters'))),
    samples: dataset.splits.training,
    preprocessing,
    options: training,
    onProgress: (progress) => {
      lastLoss = progress.loss;
      report(progress);
    },
  });
  return { training, lastLoss, model: { network, parameters } };
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
