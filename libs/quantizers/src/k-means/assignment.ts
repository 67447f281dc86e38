/** Cells of the look-up table; a value's cell names the first cluster that it can belong to. */
const CELLS = 4096;

/**
 * Index of the nearest centroid (ascending, at most 256) for each value; half way goes to the upper one. A table over
 * the centroids' range leaves about one comparison per value.
 */
export function assignToNearest(values: Float32Array, centroids: Float32Array): Uint8Array {
  const bounds = upperBounds(centroids);
  const lowest = centroids[0] as number;
  const range = (centroids.at(-1) as number) - lowest;
  const cellsPerUnit = range > 0 ? Math.min(CELLS / range, Number.MAX_VALUE) : 0;
  const table = firstClusters(bounds, lowest, range / CELLS);
  const assignments = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    const position = (value - lowest) * cellsPerUnit;
    let cluster = table[position <= 0 ? 0 : position >= CELLS ? CELLS : Math.floor(position)] as number;
    while (value >= (bounds[cluster] as number)) cluster += 1;
    assignments[index] = cluster;
  }
  return assignments;
}

/** Where each cluster ends: half way to the next centroid; the last one has no end. */
function upperBounds(centroids: Float32Array): Float64Array {
  const bounds = new Float64Array(centroids.length).fill(Number.POSITIVE_INFINITY);
  for (let cluster = 1; cluster < centroids.length; cluster += 1) {
    bounds[cluster - 1] = ((centroids[cluster - 1] as number) + (centroids[cluster] as number)) / 2;
  }
  return bounds;
}

/** The first cluster that reaches into each cell, looked up one cell early against rounding at the cell's edge. */
function firstClusters(bounds: Float64Array, lowest: number, width: number): Uint8Array {
  const table = new Uint8Array(CELLS + 1);
  let cluster = 0;
  for (let cell = 1; cell <= CELLS; cell += 1) {
    while (lowest + (cell - 1) * width >= (bounds[cluster] as number)) cluster += 1;
    table[cell] = cluster;
  }
  return table;
}
