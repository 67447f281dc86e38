/** Between the two in the middle where there is no one; NaN for no values. */
export const medianOf = (values: readonly number[]) => quantile(values, 0.5);

/** From the first quarter to the third; NaN for no values. */
export const interquartileRange = (values: readonly number[]) => quantile(values, 0.75) - quantile(values, 0.25);

/** Linear between order statistics, as NumPy's default. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}
