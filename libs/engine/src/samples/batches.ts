/** Samples that follow each other: their positions, the first of them, and the one after the last. */
export type Batch = { readonly indices: Uint32Array; readonly start: number; readonly end: number };

/** All samples in order, `size` at once; the last batch has what is left. */
export function* batchesOf(count: number, size: number): Generator<Batch> {
  for (let start = 0; start < count; start += size) {
    const length = Math.min(size, count - start);
    yield { indices: Uint32Array.from({ length }, (_, index) => start + index), start, end: start + length };
  }
}

/** Those of {@link batchesOf} that are whole, or the only one: for statistics of a batch, which a small rest would distort. */
export function wholeBatchesOf(count: number, size: number): readonly Batch[] {
  return [...batchesOf(count, size)].filter(({ indices, start }) => start === 0 || indices.length === size);
}
