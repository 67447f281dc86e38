import { countBelow } from '../count-below.js';
import type { CodeRange } from '../linear/grid.js';

/** Scales tried between 0 and the largest magnitude. */
const CANDIDATES = 400;

/**
 * The step between neighbours of a grid on which a vector is approximated best, negative where the vector is turned: the
 * best of 400 clip thresholds in (0, max |x|], the last of which clips nothing, both ways. A step is judged with its
 * coefficient refitted, so by (rᵀu)² / uᵀu, which sums over the sorted magnitudes give without a pass over the vector. 0
 * for a vector of zeros. Codes are those of points: they reach one further below zero than above.
 */
export function searchStep(vector: Float64Array, { highest }: CodeRange): number {
  const above = sortMagnitudes(vector.filter((value) => value > 0));
  const below = sortMagnitudes(vector.filter((value) => value < 0));
  const largest = Math.max(above.largest, below.largest);
  let best = largest / highest;
  let most = 0;
  for (let candidate = 1; candidate <= CANDIDATES; candidate += 1) {
    const step = (largest * candidate) / CANDIDATES / highest;
    const [one, other] = [productsOf(above, step, highest), productsOf(below, step, highest)];
    const upright = explainedSquares(one, withOneMore(below, step, highest + 1, other));
    const turned = explainedSquares(other, withOneMore(above, step, highest + 1, one));
    if (Math.max(upright, turned) < most) continue;
    most = Math.max(upright, turned);
    best = upright < turned ? -step : step;
  }
  return best;
}

/** Values of one sign. */
type Side = {
  /** |x| ascending. */
  readonly magnitudes: Float64Array;
  /** `sums[i]` is the sum from position i on. */
  readonly sums: Float64Array;
  readonly largest: number;
};

function sortMagnitudes(values: Float64Array): Side {
  const magnitudes = values.map(Math.abs).sort();
  const sums = new Float64Array(magnitudes.length + 1);
  for (let index = magnitudes.length - 1; index >= 0; index -= 1)
    sums[index] = (sums[index + 1] as number) + (magnitudes[index] as number);
  return { magnitudes, sums, largest: magnitudes.at(-1) ?? 0 };
}

/** rᵀu and uᵀu of one side, and how many of its values have less than the last code that was looked at. */
type Products = { readonly product: number; readonly square: number; readonly below: number };

/** A value from (k - 1/2) steps on has a code of at least k: it adds itself to rᵀu, and k² - (k - 1)² to uᵀu. */
function productsOf({ magnitudes, sums }: Side, step: number, highest: number): Products {
  const count = magnitudes.length;
  let product = 0;
  let square = 0;
  let below = 0;
  for (let code = 1; code <= highest && below < count; code += 1) {
    below = countBelow(magnitudes, (code - 0.5) * step, below);
    product += sums[below] as number;
    square += (2 * code - 1) * (count - below);
  }
  return { product, square, below };
}

/** The same with one more code. */
function withOneMore({ magnitudes, sums }: Side, step: number, code: number, products: Products): Products {
  const below = countBelow(magnitudes, (code - 0.5) * step, products.below);
  const product = products.product + (sums[below] as number);
  return { product, square: products.square + (2 * code - 1) * (magnitudes.length - below), below };
}

function explainedSquares(one: Products, other: Products): number {
  const square = one.square + other.square;
  return square === 0 ? 0 : (one.product + other.product) ** 2 / square;
}
