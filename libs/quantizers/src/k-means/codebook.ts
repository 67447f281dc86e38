import { invalidField, type RandomSource } from '@bitwright/core';
import { assertBits } from '../bits.js';
import { measureMagnitudes } from '../magnitudes.js';
import { assignToNearest } from './assignment.js';
import { iterateLloyd } from './lloyd.js';
import { seedCentroids } from './seeding.js';
import { type SortedSample, sortSample } from './sorted-sample.js';

/** Shared weights: every element is the centroid that its assignment names. */
export type Codebook = {
  /** Ascending; 1 to 2^b of them (fewer where the tensor has fewer distinct values). */
  readonly centroids: Float32Array;
  /** One index into the centroids per element. */
  readonly assignments: Uint8Array;
};

/**
 * Lloyd iterations of HAQ's reference: 3 while searching, 50 for the final quantization. The engine takes 3 for both, so that what
 * is fine-tuned in the end starts where the search measured it, and training moves centroids anyway.
 */
export const SEARCH_ITERATIONS = 3;
export const FINAL_ITERATIONS = 50;

/**
 * Clusters a tensor's values around at most 2^bits centroids: k-means++ seeds, then Lloyd's iterations. Exact where
 * the tensor has no more distinct values than that. Deterministic given the random source. Throws `invalid_argument`
 * for bits outside 1..8, an empty tensor, and NaN or infinity (`NOT_FINITE`).
 * Source: HAQ (arXiv 1811.08886) and Deep Compression (arXiv 1510.00149), section 3.
 */
export function fitCodebook(
  values: Float32Array,
  bits: number,
  random: RandomSource,
  maximumIterations = FINAL_ITERATIONS,
): Codebook {
  assertBits(bits);
  if (values.length === 0) throw invalidField('values', 'is empty; a codebook needs at least one value', 'EMPTY');
  measureMagnitudes(values);
  const sample = sortSample(values);
  const found =
    distinctValues(sample, 2 ** bits) ??
    iterateLloyd(sample, seedCentroids(sample, 2 ** bits, random), maximumIterations);
  const centroids = Float32Array.from(found);
  return { centroids, assignments: assignToNearest(values, centroids) };
}

/** The distinct values, ascending, or undefined when there are more than `most`. */
function distinctValues({ values }: SortedSample, most: number): readonly number[] | undefined {
  const distinct: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (value === distinct.at(-1)) continue;
    if (distinct.length === most) return undefined;
    distinct.push(value);
  }
  return distinct;
}

/** The values that a codebook stands for, in the tensor's layout. `out` may be the fitted tensor itself. */
export function reconstruct(
  { centroids, assignments }: Codebook,
  out = new Float32Array(assignments.length),
): Float32Array {
  for (let index = 0; index < assignments.length; index += 1)
    out[index] = centroids[assignments[index] as number] as number;
  return out;
}
