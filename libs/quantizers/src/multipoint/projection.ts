import { channelValues } from '../channels.js';
import { fitCoefficients } from './fit-coefficients.js';
import { splitPoints } from './fit-weights.js';
import type { MultipointWeights } from './multipoint-weights.js';
import { addScaled, dot } from './vectors.js';

/** The same codes with the coefficients that come nearest to other values of the weight. */
export function refitCoefficients(weights: MultipointWeights, values: Float32Array): MultipointWeights {
  const channels = channelValues(values, weights.counts.length);
  const fitted = splitPoints(weights).map(({ codes }, channel) =>
    fitCoefficients(channels[channel] as Float32Array, codes),
  );
  const coefficients = Float32Array.from(fitted.flatMap((own) => [...own]));
  return { ...weights, coefficients };
}

/**
 * Orthonormal vectors that span each channel's points: `basis[i]` has the i-th of every channel, in the weight's layout,
 * zeros where a channel has no further one. The nearest values to w with these codes are the sum of (b·w) b over them.
 */
export function pointBasis(weights: MultipointWeights, depth: number): readonly Float32Array[] {
  const size = weights.codes.length / weights.coefficients.length;
  const basis = Array.from({ length: depth }, () => new Float32Array(weights.counts.length * size));
  splitPoints(weights).forEach(({ codes }, channel) => {
    orthonormal(codes).forEach((vector, index) => {
      basis[index]?.set(vector, channel * size);
    });
  });
  return basis;
}

/** Gram-Schmidt; what the vectors before it span already is left out. */
function orthonormal(vectors: readonly Int8Array[]): readonly Float64Array[] {
  const found: Float64Array[] = [];
  for (const vector of vectors) {
    const left = Float64Array.from(vector);
    for (const unit of found) addScaled(left, unit, -dot(unit, left));
    const length = Math.hypot(...left);
    if (length > 1e-6 * Math.hypot(...vector)) found.push(left.map((value) => value / length));
  }
  return found;
}
