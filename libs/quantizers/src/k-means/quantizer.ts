import type { WeightQuantizerDefinition } from '../weight-quantizer.js';
import { FINAL_ITERATIONS, fitCodebook, reconstruct } from './codebook.js';

/** Weights shared by clustering, one codebook for the whole tensor whatever the granularity. */
export const kMeansQuantizer: WeightQuantizerDefinition = {
  name: 'k-means',
  description: 'a codebook of 2^bits levels per tensor, placed by k-means',
  quantize({ values }, { bits, random, maximumIterations = FINAL_ITERATIONS }) {
    const codebook = fitCodebook(values, bits, random, maximumIterations);
    return { kind: 'k-means', codebook, values: reconstruct(codebook) };
  },
};
