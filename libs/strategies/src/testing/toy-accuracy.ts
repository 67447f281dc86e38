import { createRandomSource, type Proposal, type SearchProblem } from '@bitwright/core';
import { toBits } from '../allocation/decisions.js';
import { createNoiseModel, weightedNoise } from '../allocation/quantization-noise.js';

/** Sensitivities that no strategy knows: log-normal around 1. */
export function secretSensitivities(problem: SearchProblem, seed = 5, spread = 1.5): Float64Array {
  const random = createRandomSource(seed);
  return Float64Array.from({ length: 2 * problem.layers.length }, () => Math.exp(spread * random.normal()));
}

/** An accuracy that falls by the quantization noise of each tensor times its secret sensitivity. */
export function knownOptimum(problem: SearchProblem, seed = 5, spread = 1.5): (proposal: Proposal) => number {
  const noise = createNoiseModel(problem);
  const sensitivities = secretSensitivities(problem, seed, spread);
  return ({ policy }) => problem.floatAccuracy * Math.exp(-0.05 * weightedNoise(noise, sensitivities, toBits(policy)));
}
