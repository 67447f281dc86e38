import { describe, expect, it } from 'vitest';
import { batchesOf, wholeBatchesOf } from './batches.js';

describe('batchesOf', () => {
  it('has every sample once, in order, and the rest in the last batch', () => {
    const batches = [...batchesOf(7, 3)];
    expect(batches.map(({ indices }) => [...indices])).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(batches.map(({ start, end }) => [start, end])).toEqual([
      [0, 3],
      [3, 6],
      [6, 7],
    ]);
  });

  it('is empty where there are no samples', () => {
    expect([...batchesOf(0, 3)]).toEqual([]);
  });
});

describe('wholeBatchesOf', () => {
  it.each([
    [7, 3, [3, 3]],
    [6, 3, [3, 3]],
    [2, 3, [2]],
    [1, 3, [1]],
    [0, 3, []],
  ])('leaves the rest of %i samples in batches of %i out, unless it is all there is', (count, size, lengths) => {
    expect(wholeBatchesOf(count, size).map(({ indices }) => indices.length)).toEqual(lengths);
  });
});
