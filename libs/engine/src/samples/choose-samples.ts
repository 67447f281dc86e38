import { createRandomSource, permutation } from '@bitwright/core';
import { type Samples, selectSamples } from '@bitwright/datasets';

/** `count` samples drawn by the seed, none twice; all of them where there are no more. */
export function chooseSamples(samples: Samples, count: number, seed: number): Samples {
  if (count >= samples.count) return samples;
  return selectSamples(samples, permutation(samples.count, createRandomSource(seed)).subarray(0, count));
}

/** The same, where 0 asks for all of them. */
export function chooseOrAll(samples: Samples, count: number, seed: number): Samples {
  return count === 0 ? samples : chooseSamples(samples, count, seed);
}
