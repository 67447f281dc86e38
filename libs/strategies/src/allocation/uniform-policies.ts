import { type PrecisionSpace, uniformInSpace } from '@bitwright/core';
import { type Bits, toBits } from './decisions.js';
import { evenSensitivities, type NoiseModel, weightedNoise } from './quantization-noise.js';

/**
 * The policies with one width for all weights and one for all activations: equal widths first, from the most bits down,
 * then unequal ones by the noise they are expected to add. Pins hold; each policy comes once.
 */
export function uniformPolicies(space: PrecisionSpace, noise: NoiseModel): readonly Bits[] {
  const pairs = allWidths(space, 'weightBits').flatMap((weights) =>
    allWidths(space, 'activationBits').map((activations) => ({ weights, activations })),
  );
  const even = evenSensitivities(space.layers.length);
  const candidates = pairs.map(({ weights, activations }) => {
    const bits = toBits(uniformInSpace(space, weights, activations));
    return { bits, isEqual: weights === activations, noise: weightedNoise(noise, even, bits) };
  });
  candidates.sort((a, b) => Number(b.isEqual) - Number(a.isEqual) || a.noise - b.noise);
  const seen = new Set<string>();
  return candidates.map(({ bits }) => bits).filter((bits) => !seen.has(bits.join()) && seen.add(bits.join()));
}

/** Every width that some layer may have, float among them. */
export function allWidths(space: PrecisionSpace, role: 'weightBits' | 'activationBits'): readonly number[] {
  return [...new Set(space.layers.flatMap((layer) => layer[role]))];
}
