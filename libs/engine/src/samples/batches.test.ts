import { describe, expect, it } from 'vitest';
import { batchesOf } from './batches.js';

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
