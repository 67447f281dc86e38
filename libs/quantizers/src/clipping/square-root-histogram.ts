/** Bins of |x| as NumPy's `histogram(abs(x), bins='sqrt', range=(0, max), density=True)` makes them. */
export type SquareRootHistogram = {
  /** Share of the values up to and with each bin; ends at 1. */
  readonly cumulative: Float64Array;
  /** Upper edge of the first bin, float32. */
  readonly binWidth: number;
  /** Last edge: max |x|. */
  readonly maximum: number;
};

const { abs, fround } = Math;

/**
 * Reproduces NumPy on float32 input: the bin width is peak-to-peak of |x| over the square root of the count (so that
 * there can be more bins than that root), edges and positions are float32, and values that rounding puts on the wrong
 * side of an edge are moved. `maximum` is max |x|, above 0.
 */
export function squareRootHistogram(values: Float32Array, maximum: number): SquareRootHistogram {
  const edges = evenEdges(maximum, countBins(values, maximum));
  return { cumulative: cumulativeShares(countBetween(values, edges), edges), binWidth: edges[1] as number, maximum };
}

/** Magnitudes that hardly differ would ask for millions of bins, and the search over cuts takes their square in time. */
const MOST_BINS = 8192;

function countBins(values: Float32Array, maximum: number): number {
  let minimum = maximum;
  for (let index = 0; index < values.length; index += 1) minimum = Math.min(minimum, abs(values[index] as number));
  const width = fround(maximum - minimum) / Math.sqrt(values.length);
  return width > 0 ? Math.min(Math.ceil(maximum / width), MOST_BINS) : 1;
}

function evenEdges(maximum: number, bins: number): Float32Array {
  const step = fround(maximum / bins);
  const edges = Float32Array.from({ length: bins + 1 }, (_, edge) => edge * step);
  edges[bins] = maximum;
  return edges;
}

function countBetween(values: Float32Array, edges: Float32Array): Float64Array {
  const bins = edges.length - 1;
  const maximum = edges[bins] as number;
  const counts = new Float64Array(bins);
  for (let index = 0; index < values.length; index += 1) {
    const magnitude = abs(values[index] as number);
    let bin = Math.min(Math.floor(fround(fround(magnitude / maximum) * bins)), bins - 1);
    if (magnitude < (edges[bin] as number)) bin -= 1;
    if (bin !== bins - 1 && magnitude >= (edges[bin + 1] as number)) bin += 1;
    counts[bin] = (counts[bin] as number) + 1;
  }
  return counts;
}

/** Density times constant: bins differ in width by float32 rounding, and the reference divides by these widths. */
function cumulativeShares(counts: Float64Array, edges: Float32Array): Float64Array {
  const densities = counts.map((count, bin) => count / fround((edges[bin + 1] as number) - (edges[bin] as number)));
  const total = densities.reduce((sum, density) => sum + density, 0);
  let sum = 0;
  return densities.map((density) => (sum += density / total));
}
