import type { Layer, SearchProblem } from '@bitwright/core';
import { type Bits, isWeight, layerOf } from './decisions.js';

/** Noise of a decision at some bits, as a fraction of the signal's power: 1 stands for nothing left of the signal. */
export type NoiseModel = (decision: number, bits: number) => number;

/**
 * Power of the error of the best uniform quantizer with `levels` levels for a normal distribution, relative to the
 * distribution's own (within 20 % from 2 levels to 256).
 */
export function relativeNoise(levels: number): number {
  return Math.min(1, 1.5 * levels ** -1.75);
}

/**
 * Noise that each decision adds to its layer's output. Relative noise does not depend on a layer's size: errors of
 * independent terms average as the terms do. Symmetric codes of b bits have 2^b - 1 levels; a rectified tensor spends
 * all 2^b on one side, as good as one bit more; a codebook uses every level.
 */
export function createNoiseModel(problem: SearchProblem): NoiseModel {
  const { layers, space } = problem;
  const table = layers.flatMap((layer) => [
    noiseByBits((bits) => (space.weightQuantizer === 'k-means' ? 2 ** bits : 2 ** bits - 1)),
    noiseByBits((bits) => activationLevels(layer, bits)),
  ]);
  return (decision, bits) => (table[decision] as Float64Array)[bits] as number;
}

/** Sum of the decisions' noise, each times its sensitivity. */
export function weightedNoise(noise: NoiseModel, sensitivities: Float64Array, bits: Bits): number {
  return bits.reduce((sum, value, decision) => sum + (sensitivities[decision] as number) * noise(decision, value), 0);
}

/** Equal sensitivity for all decisions. */
export const evenSensitivities = (layers: number) => new Float64Array(2 * layers).fill(1);

/** Sensitivities by layer and role. */
export function sensitivitiesBy(
  layers: readonly Layer[],
  of: (layer: Layer, role: 'weight' | 'activation') => number,
): Float64Array {
  return Float64Array.from({ length: 2 * layers.length }, (_, decision) =>
    of(layers[layerOf(decision)] as Layer, isWeight(decision) ? 'weight' : 'activation'),
  );
}

const noiseByBits = (levels: (bits: number) => number) =>
  Float64Array.from({ length: 33 }, (_, bits) => (bits === 32 ? 0 : relativeNoise(levels(bits))));

function activationLevels(layer: Layer, bits: number): number {
  return layer.inputSigned ? 2 ** bits - 1 : 2 ** (bits + 1) - 1;
}
