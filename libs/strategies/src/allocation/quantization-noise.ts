import { FLOAT_BITS, type Layer, type SearchProblem } from '@bitwright/core';
import { type Bits, isWeight, layerOf } from './decisions.js';

/** Noise of a decision at some bits, as a fraction of the signal's power: 1 stands for nothing left of the signal. */
export type NoiseModel = (decision: number, bits: number) => number;

/** Peak over root mean square: of a channel's weights, and of a layer's activations over all its channels. */
const WEIGHT_CREST = 3;
const ACTIVATION_CREST = 5;

/**
 * Noise of `steps` even steps (step^2 / 12) over a range of `range` root mean squares, as a fraction of signal and noise
 * together. No step at all (1-bit symmetric codes know only 0) counts as half of one.
 */
function uniformNoise(steps: number, range: number): number {
  const noise = (range / Math.max(steps, 0.5)) ** 2 / 12;
  return noise / (1 + noise);
}

/** Relative noise of the best codebook with `levels` values for normally distributed weights, within 20 %. */
function codebookNoise(levels: number): number {
  return Math.min(1, 1.5 * levels ** -1.75);
}

/**
 * Noise that each decision adds to its layer's output. Relative noise does not depend on a layer's size: errors of
 * independent terms average as the terms do. Symmetric codes of b bits have 2^b - 2 steps from peak to peak; a
 * rectified tensor has 2^b - 1 over half that range.
 */
export function createNoiseModel(problem: SearchProblem): NoiseModel {
  const { layers, space } = problem;
  const weights =
    space.weightQuantizer === 'k-means' ? (bits: number) => codebookNoise(2 ** bits) : symmetricWeightNoise;
  const table = layers.flatMap((layer) => [noiseByBits(weights), noiseByBits((bits) => activationNoise(layer, bits))]);
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

/** Of weights and rectified activations that have so many bits everywhere; bits may be fractions. */
export const evenNoise = (weightBits: number, activationBits: number): number =>
  symmetricWeightNoise(weightBits) + activationNoise({ inputSigned: false }, activationBits);

const noiseByBits = (noise: (bits: number) => number) =>
  Float64Array.from({ length: FLOAT_BITS + 1 }, (_, bits) => (bits === FLOAT_BITS ? 0 : noise(bits)));

const symmetricWeightNoise = (bits: number) => uniformNoise(2 ** bits - 2, 2 * WEIGHT_CREST);

function activationNoise({ inputSigned }: Pick<Layer, 'inputSigned'>, bits: number): number {
  return inputSigned
    ? uniformNoise(2 ** bits - 2, 2 * ACTIVATION_CREST)
    : uniformNoise(2 ** bits - 1, ACTIVATION_CREST);
}
