import { createRandomSource, deriveSeed, permutation, type Split } from '@bitwright/core';
import type { RawDataset } from './formats/raw-dataset.js';
import { datasetError, type Samples, selectSamples } from './samples.js';

export type SplitOptions = {
  /** Seed of the permutation that decides which samples are held out. */
  readonly seed: number;
  /** Samples taken from the training files for validation; a twelfth of them by default. */
  readonly validationSamples?: number | undefined;
};

/**
 * Training, validation and test samples that never overlap: validation is taken from the training files by a seeded
 * permutation; test is the data set's own, or, where it has none, a sixth of the training files.
 */
export function splitSamples(raw: RawDataset, options: SplitOptions): Readonly<Record<Split, Samples>> {
  const { count } = raw.training;
  const testCount = raw.test === undefined ? Math.floor(count / 6) : 0;
  const validationCount = options.validationSamples ?? Math.floor(count / 12);
  const trainingCount = count - testCount - validationCount;
  if (trainingCount < 1 || validationCount < 1 || (raw.test === undefined && testCount < 1)) {
    const message = `${count} training samples are too few to hold out ${validationCount} for validation and ${testCount} for test`;
    throw datasetError('DATASET_SPLIT', message);
  }
  const order = permutation(count, createRandomSource(deriveSeed(options.seed, 'data-split')));
  // Kept in file order: neighbours in memory are then neighbours on disk, whatever the permutation.
  const take = (start: number, end: number) => selectSamples(raw.training, order.slice(start, end).sort());
  return {
    training: take(validationCount + testCount, count),
    validation: take(0, validationCount),
    test: raw.test ?? take(validationCount, validationCount + testCount),
  };
}
