import type { SolvedPolicy } from '@bitwright/core';
import { type Bits, toPolicy } from '../allocation/decisions.js';
import { fittingBits } from '../allocation/fitting-bits.js';
import { chosenPairs, type PolicyProgram, shadowPrices, solvePolicy } from './policy-program.js';

/** A program's best policy with the prices of its limits; where it has none, the policy that the problem knows to fit. */
export async function solveBest(
  program: PolicyProgram,
  name: string,
  predictLossIncrease: (bits: Bits) => number | undefined,
): Promise<SolvedPolicy> {
  const { pricing } = program;
  const solution = await solvePolicy(program);
  const bits = solution?.bits ?? fittingBits(pricing);
  const value = solution?.objective ?? objectiveOf(program, bits);
  const prices = await shadowPrices(program);
  return {
    policy: toPolicy(pricing.problem.space, bits),
    objective: { name, value },
    predictedLossIncrease: predictLossIncrease(bits),
    shadowPrices: prices ?? pricing.problem.constraints.map(() => 0),
  };
}

function objectiveOf({ pairs, groups }: PolicyProgram, bits: Bits): number {
  return chosenPairs(pairs, bits).reduce((sum, position, layer) => sum + (groups[layer]?.[position]?.value ?? 0), 0);
}
