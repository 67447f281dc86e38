/**
 * A tensor's values in ascending order with running sums, so that the mean and the spread of any range of them cost
 * two look-ups. Sums are of deviations from the overall mean, which keeps their differences exact enough.
 */
export type SortedSample = {
  readonly values: Float32Array;
  readonly center: number;
  /** `sums[i]`: sum over the first i deviations; `squares[i]`: of their squares. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
};

/** Sorts a copy of the values; all must be finite. */
export function sortSample(values: Float32Array): SortedSample {
  const sorted = radixSort(values);
  let total = 0;
  for (let index = 0; index < sorted.length; index += 1) total += sorted[index] as number;
  const center = total / sorted.length;
  const sums = new Float64Array(sorted.length + 1);
  const squares = new Float64Array(sorted.length + 1);
  let sum = 0;
  let square = 0;
  for (let index = 0; index < sorted.length; index += 1) {
    const deviation = (sorted[index] as number) - center;
    sums[index + 1] = sum += deviation;
    squares[index + 1] = square += deviation * deviation;
  }
  return { values: sorted, center, sums, squares };
}

/** Mean of the values from `start` up to but not including `end`; the range must not be empty. */
export function meanOf({ center, sums }: SortedSample, start: number, end: number): number {
  return center + ((sums[end] as number) - (sums[start] as number)) / (end - start);
}

/** Sum of squared distances of the range's values to a point. */
export function inertiaOf({ center, sums, squares }: SortedSample, start: number, end: number, point: number): number {
  const offset = point - center;
  const sum = (sums[end] as number) - (sums[start] as number);
  const square = (squares[end] as number) - (squares[start] as number);
  return Math.max(0, square - 2 * offset * sum + offset * offset * (end - start));
}

const RADIX_BITS = 11;
const BUCKETS = 1 << RADIX_BITS;

/** Sorts float32 by their bit patterns in three counting passes: five times as fast as comparing for 10^6 values. */
function radixSort(values: Float32Array): Float32Array {
  let keys = new Uint32Array(values.slice().buffer);
  for (let index = 0; index < keys.length; index += 1) keys[index] = orderedPattern(keys[index] as number);
  let spare = new Uint32Array(keys.length);
  for (let shift = 0; shift < 32; shift += RADIX_BITS) {
    scatter(keys, spare, shift);
    [keys, spare] = [spare, keys];
  }
  for (let index = 0; index < keys.length; index += 1) keys[index] = originalPattern(keys[index] as number);
  return new Float32Array(keys.buffer);
}

function scatter(from: Uint32Array, to: Uint32Array, shift: number): void {
  const positions = new Uint32Array(BUCKETS);
  for (let index = 0; index < from.length; index += 1)
    positions[((from[index] as number) >>> shift) & (BUCKETS - 1)]! += 1;
  let next = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const count = positions[bucket] as number;
    positions[bucket] = next;
    next += count;
  }
  for (let index = 0; index < from.length; index += 1) {
    const key = from[index] as number;
    const bucket = (key >>> shift) & (BUCKETS - 1);
    to[positions[bucket] as number] = key;
    positions[bucket]! += 1;
  }
}

/** Patterns whose unsigned order is the numbers' order: the sign bit flipped, negative numbers inverted. */
const orderedPattern = (pattern: number) => (pattern & 0x80000000 ? ~pattern : pattern | 0x80000000) >>> 0;
const originalPattern = (key: number) => (key & 0x80000000 ? key & 0x7fffffff : ~key) >>> 0;
