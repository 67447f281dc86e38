import { countBelow } from '../count-below.js';

/** Scales tried between 0 and the largest magnitude. */
const CANDIDATES = 400;

/**
 * The step between neighbours of a grid with codes up to `highest` on which a vector is approximated best: the best of
 * 400 clip thresholds in (0, max |x|], the last of which clips nothing. A step is judged with its coefficient refitted,
 * so by (rᵀu)² / uᵀu, which sums over the sorted magnitudes give without a pass over the vector. 0 for a vector of zeros.
 */
export function searchStep(vector: Float64Array, highest: number): number {
  const { magnitudes, sums } = sortMagnitudes(vector);
  const largest = magnitudes.at(-1) ?? 0;
  let best = largest / highest;
  let most = 0;
  for (let candidate = 1; candidate <= CANDIDATES; candidate += 1) {
    const step = (largest * candidate) / CANDIDATES / highest;
    const explained = explainedSquares(magnitudes, sums, step, highest);
    if (explained < most) continue;
    most = explained;
    best = step;
  }
  return best;
}

/** |x| ascending; `sums[i]` is the sum from position i on. */
function sortMagnitudes(vector: Float64Array): { magnitudes: Float64Array; sums: Float64Array } {
  const magnitudes = vector.map(Math.abs).sort();
  const sums = new Float64Array(magnitudes.length + 1);
  for (let index = magnitudes.length - 1; index >= 0; index -= 1)
    sums[index] = (sums[index + 1] as number) + (magnitudes[index] as number);
  return { magnitudes, sums };
}

/** A value from (k - 1/2) steps on has a code of at least k: it adds itself to rᵀu, and k² - (k - 1)² to uᵀu. */
function explainedSquares(magnitudes: Float64Array, sums: Float64Array, step: number, highest: number): number {
  const count = magnitudes.length;
  let product = 0;
  let square = 0;
  let from = 0;
  for (let code = 1; code <= highest; code += 1) {
    from = countBelow(magnitudes, (code - 0.5) * step, from);
    if (from === count) break;
    product += sums[from] as number;
    square += (2 * code - 1) * (count - from);
  }
  return square === 0 ? 0 : (product * product) / square;
}
