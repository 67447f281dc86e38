/** Of one figure over several runs; the deviation is that of a sample (n - 1), 0 for a single run. */
export type Spread = {
  readonly mean: number;
  readonly deviation: number;
  readonly lowest: number;
  readonly highest: number;
  readonly runs: number;
};

/** Undefined without a value. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const runs = values.length;
  if (runs === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, runs - 1));
  return { mean, deviation, lowest: Math.min(...values), highest: Math.max(...values), runs };
}
