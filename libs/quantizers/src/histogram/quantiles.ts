import type { Histogram } from './histogram.js';

/**
 * The magnitudes below which shares (ascending, 0..1) of all values lie, interpolated inside the bin and never above the
 * largest: each within a bin's width of the exact one. Zeros where nothing was counted.
 */
export function quantilesOf({ counts, binWidth, total, maximum }: Histogram, shares: readonly number[]): number[] {
  let [bin, below] = [0, 0];
  return shares.map((share) => {
    const wanted = share * total;
    while (bin < counts.length - 1 && below + (counts[bin] as number) < wanted) {
      below += counts[bin] as number;
      bin += 1;
    }
    const inside = (wanted - below) / Math.max(1, counts[bin] as number);
    return Math.min(maximum, (bin + inside) * binWidth);
  });
}
