/**
 * HAQ's choice of a cut. `cumulative` (P) is the cumulative share of |x| per bin, ending at 1. For each cut i from
 * `points + 1` to the number of bins, P is set to 1 from bin i - 1 on, its first i values are interpolated linearly
 * down to `points` values and back up (Q), and the cut with the least `sum (P - Q) log2(P / Q)` is taken.
 *
 * `undefinedWins`: where P = Q = 0 the term is NaN in the reference, and NumPy's argmin returns the first NaN, so that
 * a tensor whose first bin is empty gets the smallest cut there is. Otherwise such a term counts 0.
 *
 * Returns the number of bins to keep; all of them when there are not more than `points`.
 * Source: mit-han-lab/haq, lib/utils/quantize_utils.py, threshold computation.
 */
export function leastDivergentCut(cumulative: Float64Array, points: number, undefinedWins: boolean): number {
  const bins = cumulative.length;
  if (points + 1 > bins) return bins;
  const clippedTail = tailDivergences(cumulative);
  const kept = new Float64Array(bins);
  const knots = new Float64Array(points);
  let best = bins;
  let least = Number.POSITIVE_INFINITY;
  for (let cut = points + 1; cut <= bins; cut += 1) {
    kept.set(cumulative.subarray(0, cut - 1));
    kept[cut - 1] = 1;
    interpolateEvenly(kept, cut, knots, points);
    const divergence = headDivergence(cumulative, knots, points, cut, undefinedWins) + (clippedTail[cut] as number);
    if (Number.isNaN(divergence)) return cut;
    if (divergence >= least) continue;
    least = divergence;
    best = cut;
  }
  return best;
}

/** For each bin, the sum of the terms from it to the end where Q = 1. */
function tailDivergences(cumulative: Float64Array): Float64Array {
  const sums = new Float64Array(cumulative.length + 1);
  for (let bin = cumulative.length - 1; bin >= 0; bin -= 1) {
    const p = cumulative[bin] as number;
    sums[bin] = (sums[bin + 1] as number) + (p - 1) * Math.log2(p);
  }
  return sums;
}

function headDivergence(
  cumulative: Float64Array,
  knots: Float64Array,
  points: number,
  cut: number,
  undefinedWins: boolean,
): number {
  const step = 1 / (cut - 1);
  const knotStep = points > 1 ? 1 / (points - 1) : 0;
  let sum = 0;
  let knot = 0;
  for (let bin = 0; bin < cut; bin += 1) {
    const x = bin === cut - 1 ? 1 : bin * step;
    while (knot < points - 2 && x >= (knot + 1) * knotStep) knot += 1;
    const q = between(knots, points, knot, knotStep, x);
    const p = cumulative[bin] as number;
    const isUndefined = p === 0 && q === 0;
    if (!isUndefined || undefinedWins) sum += (p - q) * Math.log2(p / q);
  }
  return sum;
}

/** Samples `count` evenly spread values at `points` evenly spread positions, both from end to end. */
function interpolateEvenly(values: Float64Array, count: number, out: Float64Array, points: number): void {
  const step = 1 / (count - 1);
  const outStep = points > 1 ? 1 / (points - 1) : 0;
  for (let point = 0; point < points; point += 1) {
    const x = point === points - 1 && points > 1 ? 1 : point * outStep;
    let left = Math.min(Math.floor(x / step), count - 2);
    if (left > 0 && left * step > x) left -= 1;
    if (left < count - 2 && (left + 1) * step <= x) left += 1;
    out[point] = between(values, count, left, step, x);
  }
}

/** Linear interpolation at x in [0, 1], between `values[left]` and its neighbour, in NumPy's order of operations. */
function between(values: Float64Array, count: number, left: number, step: number, x: number): number {
  const start = values[left] as number;
  if (count === 1) return start;
  if (x === 1) return values[count - 1] as number;
  const origin = left * step;
  const end = left + 1 === count - 1 ? 1 : (left + 1) * step;
  return (((values[left + 1] as number) - start) / (end - origin)) * (x - origin) + start;
}
