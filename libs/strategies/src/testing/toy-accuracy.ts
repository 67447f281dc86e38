import { createRandomSource, type Proposal, type SearchProblem } from '@bitwright/core';
import { toBits } from '../allocation/decisions.js';
import { createNoiseModel } from '../allocation/quantization-noise.js';

/** An accuracy that falls by the quantization noise of each tensor times a sensitivity that no strategy knows. */
export function knownOptimum(problem: SearchProblem, seed = 5, spread = 1.5): (proposal: Proposal) => number {
  const random = createRandomSource(seed);
  const noise = createNoiseModel(problem);
  const sensitivities = Float64Array.from({ length: 2 * problem.layers.length }, () => Math.exp(spread * random.normal()));
  return ({ policy }) => {
    const loss = toBits(policy).reduce((sum, bits, decision) => sum + (sensitivities[decision] as number) * noise(decision, bits), 0);
    return problem.floatAccuracy * Math.exp(-0.05 * loss);
  };
}
