import type { RandomSource } from '@bitwright/core';
import { countBelow } from '../count-below.js';
import { inertiaOf, type SortedSample } from './sorted-sample.js';

/** Values nearest to one chosen centroid. */
type Segment = { readonly start: number; readonly end: number; readonly centroid: number; readonly inertia: number };

/**
 * Greedy k-means++ (Arthur and Vassilvitskii, SODA 2007; several candidates a step as scikit-learn does): each next
 * centroid is a value drawn with probability proportional to its squared distance from the nearest one so far, the
 * best of 2 + ln k draws. Gives at most `count` centroids, ascending and distinct.
 */
export function seedCentroids(sample: SortedSample, count: number, random: RandomSource): number[] {
  const first = sample.values[random.integer(sample.values.length)] as number;
  const draws = 2 + Math.floor(Math.log(count));
  let segments: readonly Segment[] = [segment(sample, 0, sample.values.length, first)];
  while (segments.length < count) {
    const potential = segments.reduce((sum, { inertia }) => sum + inertia, 0);
    if (!(potential > 0)) break;
    const best = bestCandidate(sample, segments, potential, draws, random);
    if (best === undefined) break;
    segments = best;
  }
  return segments.map(({ centroid }) => centroid);
}

function segment(sample: SortedSample, start: number, end: number, centroid: number): Segment {
  return { start, end, centroid, inertia: inertiaOf(sample, start, end, centroid) };
}

function bestCandidate(
  sample: SortedSample,
  segments: readonly Segment[],
  potential: number,
  draws: number,
  random: RandomSource,
): readonly Segment[] | undefined {
  let best: readonly Segment[] | undefined;
  let most = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const split = splitAt(sample, segments, random.uniform() * potential);
    if (split === undefined || split.gain <= most) continue;
    most = split.gain;
    best = split.segments;
  }
  return best;
}

/** Makes the value at which the running sum of squared distances passes `target` a centroid of its own. */
function splitAt(sample: SortedSample, segments: readonly Segment[], target: number) {
  let before = 0;
  let index = 0;
  while (index < segments.length - 1 && before + (segments[index] as Segment).inertia <= target) {
    before += (segments[index] as Segment).inertia;
    index += 1;
  }
  const chosen = segments[index] as Segment;
  const centroid = sample.values[positionAt(sample, chosen, target - before)] as number;
  if (centroid === chosen.centroid) return undefined;
  const place = centroid < chosen.centroid ? index : index + 1;
  return insert(sample, segments, place, centroid);
}

/** Binary search for the value of a segment at which its inertia from the left passes `target`. */
function positionAt(sample: SortedSample, { start, end, centroid }: Segment, target: number): number {
  let low = start;
  let high = end - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (inertiaOf(sample, start, middle + 1, centroid) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Puts a centroid between its neighbours, which give up the values that are nearer to it. */
function insert(sample: SortedSample, segments: readonly Segment[], place: number, centroid: number) {
  const left = segments[place - 1];
  const right = segments[place];
  const start = left === undefined ? 0 : boundary(sample, left.centroid, centroid);
  const end = right === undefined ? sample.values.length : boundary(sample, centroid, right.centroid);
  const changed = [segment(sample, start, end, centroid)];
  if (left !== undefined) changed.unshift(segment(sample, left.start, start, left.centroid));
  if (right !== undefined) changed.push(segment(sample, end, right.end, right.centroid));
  const gain = (left?.inertia ?? 0) + (right?.inertia ?? 0) - changed.reduce((sum, { inertia }) => sum + inertia, 0);
  const from = left === undefined ? place : place - 1;
  return { gain, segments: [...segments.slice(0, from), ...changed, ...segments.slice(place + 1)] };
}

const boundary = (sample: SortedSample, lower: number, upper: number) => countBelow(sample.values, (lower + upper) / 2);
