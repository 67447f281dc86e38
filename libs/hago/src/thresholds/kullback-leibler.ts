import type { MagnitudeHistogram } from './tensor-statistics.js';

/** Levels that a candidate is reduced to: HAGO's 255 symmetric ones are 0 and 127 magnitudes. */
const LEVELS = 128;

/**
 * The threshold whose clipped and quantized histogram is nearest to the clipped one in KL divergence: TensorRT's method,
 * symmetric, with HAGO's 8001 bins over ±max and 255 quantized ones, here by magnitude. What is cut off counts in the last
 * bin kept; a quantized bin spreads its count evenly over its bins that are not empty. Zero is a code whatever the threshold, so
 * the zeros of rectified tensors do not count: the first bin counts as much as the second.
 */
export function leastDivergence({ counts: all, maximum }: MagnitudeHistogram): number {
  const counts = all.with(0, all[1] as number);
  const suffix = suffixSums(counts);
  let best = counts.length;
  let least = Number.POSITIVE_INFINITY;
  for (let step = LEVELS; step - STEP < counts.length; step += STEP) {
    const kept = Math.min(step, counts.length);
    const divergence = divergenceAt(counts, kept, suffix[kept] as number);
    if (divergence >= least) continue;
    least = divergence;
    best = kept;
  }
  return (best / counts.length) * maximum;
}

/** Candidates lie this many bins apart: half a quantized bin, a 250th of the range. The last one is all of the range. */
const STEP = 16;

function suffixSums(counts: Float64Array): Float64Array {
  const sums = new Float64Array(counts.length + 1);
  for (let bin = counts.length - 1; bin >= 0; bin -= 1) sums[bin] = (sums[bin + 1] as number) + (counts[bin] as number);
  return sums;
}

/** KL(p || q): p the first `kept` bins with the rest in the last of them, q those bins in LEVELS levels. */
function divergenceAt(counts: Float64Array, kept: number, cutOff: number): number {
  let total = cutOff;
  for (let bin = 0; bin < kept; bin += 1) total += counts[bin] as number;
  if (total === 0) return 0;
  const reference = (bin: number) => (counts[bin] as number) + (bin === kept - 1 ? cutOff : 0);
  let divergence = 0;
  for (let level = 0; level < LEVELS; level += 1) {
    const start = Math.floor((level * kept) / LEVELS);
    const end = Math.floor(((level + 1) * kept) / LEVELS);
    divergence += levelDivergence(counts, start, end, reference, total);
  }
  return divergence;
}

/** Bins where p has something and q nothing (only what was cut off) weigh as if q had a tiny share. */
const SMOOTHED = 1e-9;

function levelDivergence(
  counts: Float64Array,
  start: number,
  end: number,
  reference: (bin: number) => number,
  total: number,
): number {
  let sum = 0;
  let occupied = 0;
  for (let bin = start; bin < end; bin += 1) {
    const count = counts[bin] as number;
    sum += count;
    if (count > 0) occupied += 1;
  }
  const level = occupied === 0 ? 0 : sum / occupied / total;
  let divergence = 0;
  for (let bin = start; bin < end; bin += 1) {
    const p = reference(bin) / total;
    const q = (counts[bin] as number) > 0 ? level : 0;
    if (p > 0) divergence += p * Math.log(p / Math.max(q, SMOOTHED));
  }
  return divergence;
}
