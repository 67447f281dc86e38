import type { MatrixProducts } from './matrix-products.js';

/** Vectors of one channel, in the order of its weights. */
export type Vectors = readonly ArrayLike<number>[];

/** A layer's output channels, those of a group one behind the other; each reads `size` values. */
export type GroupedChannels = { readonly groups: number; readonly outChannels: number; readonly size: number };

/** Values of vectors that are multiplied at once, of all groups together. */
const BLOCK_VALUES = 2 ** 20;

/**
 * Each channel's vectors times its group's matrix of `size` x `size`, which is symmetric. What `visit` gets is good until
 * it returns.
 */
export function weighChannels(
  products: MatrixProducts,
  matrices: Float64Array,
  { groups, outChannels, size }: GroupedChannels,
  vectors: readonly Vectors[],
  visit: (channel: number, weighed: readonly Float64Array[]) => void,
): void {
  const most = Math.max(...vectors.map(({ length }) => length));
  const perGroup = outChannels / groups;
  const atOnce = Math.max(1, Math.floor(BLOCK_VALUES / (groups * most * size)));
  for (let first = 0; first < perGroup; first += atOnce) {
    const count = Math.min(atOnce, perGroup - first);
    const channels = Array.from(
      { length: groups * count },
      (_, index) => Math.floor(index / count) * perGroup + first + (index % count),
    );
    const own = channels.map((channel) => vectors[channel] as Vectors);
    const shape = { count: groups, rows: count * most, columns: size };
    const weighed = products.multiply(stack(own, most, size), matrices, shape);
    own.forEach(({ length }, index) => {
      const at = (vector: number) => (index * most + vector) * size;
      const rows = Array.from({ length }, (_, vector) => weighed.subarray(at(vector), at(vector + 1)));
      visit(channels[index] as number, rows);
    });
  }
}

/** Room for `most` vectors of each channel, zeros where one has fewer. */
function stack(channels: readonly Vectors[], most: number, size: number): Float32Array {
  const values = new Float32Array(channels.length * most * size);
  channels.forEach((vectors, index) => {
    vectors.forEach((vector, at) => {
      values.set(vector, (index * most + at) * size);
    });
  });
  return values;
}
