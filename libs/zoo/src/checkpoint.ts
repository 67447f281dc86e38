import type { Preprocessing, Split, ZooEntry } from '@bitwright/core';
import type { ZooOptions } from './zoo-options.js';

/** Version of the recipe's schema. */
export const RECIPE_SCHEMA = 'bitwright.checkpoint/1';

/** How a checkpoint was trained and what it reaches; the JSON file beside its ONNX file. */
export type CheckpointRecipe = ZooOptions & {
  readonly schema: typeof RECIPE_SCHEMA;
  readonly dataset: string;
  /** SHA-256 over the data files. */
  readonly dataDigest: string;
  readonly samples: Readonly<Record<Split, number>>;
  readonly preprocess: Preprocessing;
  /** Top-1, 0..1; the test split is measured once, after training. */
  readonly testAccuracy: number;
  readonly validationAccuracy: number;
  readonly trainingLoss: number;
  /** Number of weights, biases and batch normalization values. */
  readonly parameters: number;
  /** What was typed to train it. */
  readonly command: string;
  readonly seed: number;
  /** Settings of the training, as the engine names them. */
  readonly training: Readonly<Record<string, unknown>>;
  readonly seconds: number;
  readonly createdAt: string;
  /** SHA-256 of the ONNX file. */
  readonly modelDigest: string;
};

/** File name, without extension, of a checkpoint. */
export function checkpointName({
  network,
  width,
  dataset,
}: Pick<CheckpointRecipe, 'network' | 'width' | 'dataset'>): string {
  return `${network}-${width}-${dataset}`;
}

/** What clients see of a checkpoint. */
export function toZooEntry(recipe: CheckpointRecipe): ZooEntry {
  const { network, width, imageSize, classes, outputStride, dataset, testAccuracy, parameters } = recipe;
  return { network, width, imageSize, classes, outputStride, dataset, testAccuracy, parameters };
}
