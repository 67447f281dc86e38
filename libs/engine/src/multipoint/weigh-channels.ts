import type { MatrixProducts } from './matrix-products.js';

/** Vectors of one channel, in the order of its weights. */
export type Vectors = readonly ArrayLike<number>[];

/** A layer's output channels, those of a group one behind the other. */
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
  const groupChannels = outChannels / groups;
  const most = Math.max(...vectors.map(({ length }) => length));
  const atOnce = Math.max(1, Math.floor(BLOCK_VALUES / (groups * most * size)));
  for (let first = 0; first < groupChannels; first += atOnce) {
    const channels = Math.min(atOnce, groupChannels - first);
    const shape = { count: groups, rows: channels * most, columns: size };
    const block = Array.from({ length: groups * channels }, (_, index) => ({
      channel: Math.floor(index / channels) * groupChannels + first + (index % channels),
      start: index * most * size,
    }));
    const values = new Float32Array(block.length * most * size);
    for (const { channel, start } of block)
      vectors[channel]?.forEach((vector, at) => {
        values.set(vector, start + at * size);
      });
    const weighed = products.multiply(values, matrices, shape);
    for (const { channel, start } of block)
      visit(
        channel,
        (vectors[channel] as Vectors).map((_, at) => weighed.subarray(start + at * size, start + (at + 1) * size)),
      );
  }
}
