/** Ranks from 1 for the smallest; equal values share the mean of their ranks. */
export function ranksOf(values: readonly number[]): readonly number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] as number) - (values[b] as number));
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] as number] === values[order[start] as number]) end += 1;
    for (let at = start; at < end; at += 1) ranks[order[at] as number] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/**
 * Spearman's rank correlation of two readings of the same things, -1..1: whether both put them in the same order.
 * Undefined for fewer than two things, or where one reading is the same for all.
 */
export function rankCorrelation(first: readonly number[], second: readonly number[]): number | undefined {
  return correlation(ranksOf(first), ranksOf(second));
}

/** Pearson's correlation. */
function correlation(first: readonly number[], second: readonly number[]): number | undefined {
  const [meanFirst, meanSecond] = [meanOf(first), meanOf(second)];
  let [product, squareFirst, squareSecond] = [0, 0, 0];
  first.forEach((value, index) => {
    const [a, b] = [value - meanFirst, (second[index] as number) - meanSecond];
    product += a * b;
    squareFirst += a * a;
    squareSecond += b * b;
  });
  const scale = Math.sqrt(squareFirst * squareSecond);
  return scale > 0 ? product / scale : undefined;
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
