import { assignToNearest } from '../k-means/assignment.js';
import { measureMagnitudes } from '../magnitudes.js';

/** Codes of the levels nearest to the values; half way goes to the upper one. Throws `NOT_FINITE` for NaN or infinity. */
export function nearestLevels(values: Float32Array, levels: Float32Array): Uint8Array {
  measureMagnitudes(values);
  return assignToNearest(values, levels);
}

/** Each value as its nearest level (ascending, at most 256); see {@link nearestLevels}. */
export function quantizeToLevels(values: Float32Array, levels: Float32Array): Float32Array {
  return Float32Array.from(nearestLevels(values, levels), (code) => levels[code] as number);
}
