import type { Histogram } from './histogram.js';

/**
 * Magnitudes that stand for all that a histogram counted: its quantiles at (i + ½) / count, ascending, each within a bin's
 * width of the exact one. Zeros where nothing was counted.
 */
export function quantilesOf({ counts, binWidth, total, maximum }: Histogram, count: number): Float32Array {
  let [bin, below] = [0, 0];
  return Float32Array.from({ length: count }, (_, index) => {
    const rank = ((index + 0.5) / count) * total;
    while (bin < counts.length - 1 && below + (counts[bin] as number) < rank) {
      below += counts[bin] as number;
      bin += 1;
    }
    const inside = (rank - below) / Math.max(1, counts[bin] as number);
    return Math.min(maximum, (bin + inside) * binWidth);
  });
}
