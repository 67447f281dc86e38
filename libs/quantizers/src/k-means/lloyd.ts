import { countBelow } from '../count-below.js';
import { inertiaOf, meanOf, type SortedSample } from './sorted-sample.js';

/**
 * Lloyd's iterations in one dimension: clusters are ranges of the sorted values, so an iteration costs a binary search
 * per centroid. Stops when no centroid moves. An emptied cluster restarts at the value farthest from its centroid, or
 * is dropped when every value is a centroid. Returns ascending, distinct float32 centroids.
 */
export function iterateLloyd(sample: SortedSample, seeds: readonly number[], maximumIterations: number): number[] {
  let centroids = [...seeds];
  for (let iteration = 0; iteration < maximumIterations; iteration += 1) {
    const next = moveToMeans(sample, centroids);
    const moved = next.length !== centroids.length || next.some((centroid, index) => centroid !== centroids[index]);
    centroids = next;
    if (!moved) break;
  }
  return centroids;
}

function moveToMeans(sample: SortedSample, centroids: readonly number[]): number[] {
  const bounds = clusterBounds(sample, centroids);
  const moved: number[] = [];
  centroids.forEach((_, cluster) => {
    const [start, end] = [bounds[cluster] as number, bounds[cluster + 1] as number];
    if (end > start) moved.push(Math.fround(meanOf(sample, start, end)));
  });
  return distinctAscending(repairEmpty(sample, bounds, moved, centroids.length));
}

/** Where each cluster starts among the sorted values; one more entry than centroids. Values half way go up. */
export function clusterBounds({ values }: SortedSample, centroids: readonly number[]): readonly number[] {
  const bounds = [0];
  for (let cluster = 1; cluster < centroids.length; cluster += 1) {
    const middle = ((centroids[cluster - 1] as number) + (centroids[cluster] as number)) / 2;
    bounds.push(countBelow(values, middle, bounds[cluster - 1]));
  }
  return [...bounds, values.length];
}

/** Adds a centroid at the far end of the widest-spread clusters for each one that was lost. */
function repairEmpty(
  sample: SortedSample,
  bounds: readonly number[],
  means: readonly number[],
  wanted: number,
): number[] {
  const missing = wanted - means.length;
  if (missing === 0) return [...means];
  const clusters = bounds.slice(0, -1).map((start, index) => ({ start, end: bounds[index + 1] as number }));
  const filled = clusters.filter(({ start, end }) => end > start);
  const farthest = filled.map(({ start, end }, cluster) => {
    const mean = means[cluster] as number;
    const [low, high] = [sample.values[start] as number, sample.values[end - 1] as number];
    return { value: mean - low > high - mean ? low : high, inertia: inertiaOf(sample, start, end, mean) };
  });
  farthest.sort((a, b) => b.inertia - a.inertia);
  return [...means, ...farthest.slice(0, missing).map(({ value }) => value)];
}

const distinctAscending = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
