import type { Codebook } from './codebook.js';

/**
 * Puts trained weights back on their codebook: each cluster's weights become their mean (HAQ's step after every SGD
 * update). Assignments stay. Writes the projected weights to `out`, which may be `values` itself, and returns the
 * codebook with the new centroids, which need not be ascending any more. A cluster without members keeps its centroid.
 */
export function projectOntoClusters(values: Float32Array, codebook: Codebook, out = values): Codebook {
  const { assignments } = codebook;
  const sums = new Float64Array(codebook.centroids.length);
  const counts = new Float64Array(codebook.centroids.length);
  for (let index = 0; index < values.length; index += 1) {
    const cluster = assignments[index] as number;
    sums[cluster] = (sums[cluster] as number) + (values[index] as number);
    counts[cluster] = (counts[cluster] as number) + 1;
  }
  const centroids = codebook.centroids.map((centroid, cluster) => {
    const count = counts[cluster] as number;
    return count > 0 ? (sums[cluster] as number) / count : centroid;
  });
  for (let index = 0; index < values.length; index += 1) out[index] = centroids[assignments[index] as number] as number;
  return { centroids, assignments };
}
