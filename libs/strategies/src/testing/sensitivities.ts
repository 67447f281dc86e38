import { createRandomSource, type SearchProblem, type SensitivityReport } from '@bitwright/core';
import { createNoiseModel } from '../allocation/quantization-noise.js';
import { secretSensitivities } from './toy-accuracy.js';

const WIDTHS = [1, 2, 3, 4, 5, 6, 7, 8];

/** A measured sensitivity as a quantizer would report it: increases by the toy's noise, and a random matrix of CKA. */
export function createSensitivity(problem: SearchProblem, seed = 5): SensitivityReport {
  const noise = createNoiseModel(problem);
  const secrets = secretSensitivities(problem, seed);
  const increasesOf = (decision: number) =>
    WIDTHS.map((bits) => 0.05 * (secrets[decision] as number) * noise(decision, bits));
  const layers = problem.layers.map((_, layer) => ({
    weights: increasesOf(2 * layer),
    activations: increasesOf(2 * layer + 1),
  }));
  const measures = ['loss-increase', 'output-divergence', 'hessian-trace', 'fisher'] as const;
  return {
    ...{ weightBits: WIDTHS, activationBits: WIDTHS, featureSamples: 64, samples: 256, seconds: 1 },
    orthogonality: createMatrix(problem.layers.length, seed),
    increases: measures.map((measure) => ({ measure, layers })),
  };
}

function createMatrix(layers: number, seed: number): number[][] {
  const random = createRandomSource(seed);
  const matrix = Array.from({ length: layers }, () => new Array<number>(layers).fill(1));
  for (let i = 0; i < layers; i += 1) {
    for (let j = i + 1; j < layers; j += 1) {
      const value = random.uniform();
      (matrix[i] as number[])[j] = value;
      (matrix[j] as number[])[i] = value;
    }
  }
  return matrix;
}
