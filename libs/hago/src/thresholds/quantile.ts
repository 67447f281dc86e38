import type { MagnitudeHistogram } from './tensor-statistics.js';

/** The magnitude below which a share of all values lies, interpolated inside its bin. */
export function magnitudeQuantile({ counts, maximum }: MagnitudeHistogram, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const wanted = share * total;
  const width = maximum / counts.length;
  let before = 0;
  for (let bin = 0; bin < counts.length; bin += 1) {
    const count = counts[bin] as number;
    if (count > 0 && before + count >= wanted) return (bin + (wanted - before) / count) * width;
    before += count;
  }
  return maximum;
}
