import { createRandomSource, deriveSeed, type Fidelity, type Preprocessing, permutation } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { composeBatch } from '../samples/batch-composer.js';
import { chooseSamples } from '../samples/choose-samples.js';
import type { ImageBatch } from '../samples/image-batch.js';
import { cosineRate } from './learning-rate.js';

/** One step of a fine-tuning: its batch, the learning rate, and how many steps were done before. */
export type FinetuningBatch = { readonly batch: ImageBatch; readonly rate: number; readonly done: number };

/** What a fine-tuning goes through. */
export type FinetuningBatches = {
  readonly batchSize: number;
  readonly steps: number;
  readonly each: () => Iterable<FinetuningBatch>;
};

/**
 * The fidelity's samples in another order each epoch, at a rate that falls along a cosine; the last, incomplete batch of an
 * epoch is left out. A part of an epoch is so many of its batches. Same seed, same batches.
 */
export function finetuningBatches(
  training: Samples,
  fidelity: Fidelity,
  seed: number,
  preprocessing: Preprocessing,
): FinetuningBatches {
  const samples = chooseSamples(training, fidelity.finetuneSamples, deriveSeed(seed, 'fine-tuning samples'));
  const batchSize = Math.min(fidelity.batchSize, samples.count);
  const perEpoch = Math.floor(samples.count / batchSize);
  const steps = Math.max(1, Math.round(perEpoch * fidelity.finetuneEpochs));
  const schedule = { peak: fidelity.learningRate, steps, warmUpSteps: 0 };
  function* each(): Iterable<FinetuningBatch> {
    const random = createRandomSource(deriveSeed(seed, 'fine-tuning order'));
    let order: Uint32Array = new Uint32Array(0);
    for (let done = 0; done < steps; done += 1) {
      const index = done % perEpoch;
      if (index === 0) order = permutation(samples.count, random);
      const batch = composeBatch(samples, order.subarray(index * batchSize, (index + 1) * batchSize), preprocessing);
      yield { batch, rate: cosineRate(schedule, done), done };
    }
  }
  return { batchSize, steps, each };
}
