import { invalidField, MOST_POINTS } from '@bitwright/core';

/**
 * A weight whose output channels are short sums of vectors on one low-bit grid: channel = sum of coefficient x codes over
 * its points. Everything lies channel after channel, and within a channel point after point.
 */
export type MultipointWeights = {
  readonly bits: number;
  /** Points of each output channel, 1 or more. */
  readonly counts: Uint8Array;
  /** Codes of each point, `channelSize` of them, as `pointCodes` has them. */
  readonly codes: Int8Array;
  /** One for each point; any sign. */
  readonly coefficients: Float32Array;
};

/** Throws `invalid_argument` `POINTS` unless `points` is a whole number from 1 to `MOST_POINTS`. */
export function assertPoints(points: number, field = 'points'): void {
  if (Number.isInteger(points) && points >= 1 && points <= MOST_POINTS) return;
  throw invalidField(field, `is ${points}; use a whole number from 1 to ${MOST_POINTS}`, 'POINTS');
}

/** The values that the points stand for, in the weight's layout. */
export function reconstructPoints({ counts, codes, coefficients }: MultipointWeights): Float32Array {
  const size = codes.length / Math.max(1, coefficients.length);
  const values = new Float32Array(counts.length * size);
  let point = 0;
  counts.forEach((count, channel) => {
    for (let last = point + count; point < last; point += 1) {
      const coefficient = coefficients[point] as number;
      for (let index = 0; index < size; index += 1) {
        const at = channel * size + index;
        values[at] = (values[at] as number) + coefficient * (codes[point * size + index] as number);
      }
    }
  });
  return values;
}
