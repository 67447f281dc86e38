/** Below this many values sorting is faster than counting 32768 buckets. */
const SORT_BELOW = 8192;

/**
 * The |x| at position `rank` (from 0) of the values sorted by magnitude, and the next one after it. Exact and linear
 * in time: the bit patterns of non-negative float32 numbers are ordered as the numbers are, so two counting passes over
 * their upper and lower halves find any rank.
 */
export function magnitudesAtRank(values: Float32Array, rank: number): readonly [number, number] {
  const next = Math.min(rank + 1, values.length - 1);
  if (values.length >= SORT_BELOW) return [selectMagnitude(values, rank), selectMagnitude(values, next)];
  const sorted = values.map(Math.abs).sort();
  return [sorted[rank] as number, sorted[next] as number];
}

function selectMagnitude(values: Float32Array, rank: number): number {
  const patterns = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Uint32Array(1 << 15);
  for (const pattern of patterns) upper[(pattern & 0x7fffffff) >>> 16]! += 1;
  const [high, before] = bucketAt(upper, rank);
  const lower = new Uint32Array(1 << 16);
  for (const pattern of patterns) if ((pattern & 0x7fffffff) >>> 16 === high) lower[pattern & 0xffff]! += 1;
  const [low] = bucketAt(lower, rank - before);
  return new Float32Array(Uint32Array.of((high << 16) | low).buffer)[0] as number;
}

/** The bucket that holds a rank, and how many values lie in the buckets before it. */
function bucketAt(counts: Uint32Array, rank: number): readonly [number, number] {
  let before = 0;
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    const count = counts[bucket] as number;
    if (before + count > rank) return [bucket, before];
    before += count;
  }
  return [counts.length - 1, before];
}
