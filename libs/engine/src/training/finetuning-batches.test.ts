import type { Fidelity } from '@bitwright/core';
import { expect, it } from 'vitest';
import { createToyDataset, TOY_PREPROCESSING } from '../evaluation/toy-task.test-support.js';
import { finetuningBatches } from './finetuning-batches.js';

const { training } = createToyDataset().splits;
const FIDELITY: Fidelity = {
  ...{ calibrationSamples: 64, finetuneSamples: 70, finetuneEpochs: 2, validationSamples: 0 },
  ...{ learningRate: 0.1, batchSize: 32 },
};
const run = (finetuneEpochs: number, seed = 1) => [
  ...finetuningBatches(training, { ...FIDELITY, finetuneEpochs }, seed, TOY_PREPROCESSING).each(),
];

it.each([
  [2, 4],
  [1.5, 3],
  [0.5, 1],
  [0.1, 1],
])('%d epochs of two whole batches are %i steps, at a rate that falls from the first on', (epochs, steps) => {
  const rates = run(epochs).map(({ rate }) => rate);
  expect(rates).toHaveLength(steps);
  expect(rates[0]).toBeCloseTo(FIDELITY.learningRate);
  expect(rates).toEqual(rates.toSorted((a, b) => b - a));
  expect(rates.at(-1)).toBeGreaterThan(0);
});

it('goes through the samples in another order each epoch, always the same for a seed', () => {
  const images = (seed: number) => run(2, seed).map(({ batch }) => [...batch.images]);
  const [first, , third] = images(1);
  expect(first).not.toEqual(third);
  expect(images(1)).toEqual(images(1));
  expect(images(2)).not.toEqual(images(1));
});
