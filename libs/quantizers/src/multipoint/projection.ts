import { channelValues } from '../channels.js';
import { fitCoefficients } from './fit-coefficients.js';
import type { MultipointWeights } from './multipoint-weights.js';

/** The same codes with the coefficients that come nearest to other values of the weight. */
export function refitCoefficients(weights: MultipointWeights, values: Float32Array): MultipointWeights {
  const channels = channelValues(values, weights.counts.length);
  const coefficients = weights.coefficients.slice();
  forEachChannel(weights, (codes, channel, first) => {
    coefficients.set(fitCoefficients(channels[channel] as Float32Array, codes), first);
  });
  return { ...weights, coefficients };
}

/**
 * Orthonormal vectors that span each channel's points: `basis[i]` has the i-th of every channel, in the weight's layout,
 * zeros where a channel has no further one. The nearest values to w with these codes are the sum of (b·w) b over them.
 */
export function pointBasis(weights: MultipointWeights, depth: number): readonly Float32Array[] {
  const size = weights.codes.length / weights.coefficients.length;
  const basis = Array.from({ length: depth }, () => new Float32Array(weights.counts.length * size));
  forEachChannel(weights, (codes, channel) => {
    orthonormal(codes).forEach((vector, index) => {
      basis[index]?.set(vector, channel * size);
    });
  });
  return basis;
}

function forEachChannel(
  { counts, codes, coefficients }: MultipointWeights,
  visit: (codes: readonly Int8Array[], channel: number, first: number) => void,
): void {
  const size = codes.length / coefficients.length;
  let first = 0;
  counts.forEach((count, channel) => {
    const start = first;
    const rows = Array.from({ length: count }, (_, index) =>
      codes.subarray((start + index) * size, (start + index + 1) * size),
    );
    visit(rows, channel, start);
    first += count;
  });
}

/** Gram-Schmidt; what the vectors before it span already is left out. */
function orthonormal(vectors: readonly Int8Array[]): readonly Float64Array[] {
  const found: Float64Array[] = [];
  for (const vector of vectors) {
    const left = Float64Array.from(vector);
    for (const unit of found) {
      const along = unit.reduce((sum, value, index) => sum + value * (left[index] as number), 0);
      unit.forEach((value, index) => {
        left[index] = (left[index] as number) - along * value;
      });
    }
    const length = Math.hypot(...left);
    if (length > 1e-6 * Math.hypot(...vector)) found.push(left.map((value) => value / length));
  }
  return found;
}
