import type { SolvedPolicy } from '@bitwright/core';
import { type Bits, toPolicy } from '../allocation/decisions.js';
import { fittingBits } from '../allocation/fitting-bits.js';
import { TIME_LIMIT_SECONDS } from './highs-solver.js';
import { type PolicyProgram, shadowPrices } from './policy-program.js';

const NOT_PROVEN = `the best found in ${TIME_LIMIT_SECONDS} s, perhaps not the best there is`;

/** A program's best policy with the prices of its limits; where it has none, the policy that the problem knows to fit. */
export async function solveBest(
  program: PolicyProgram,
  name: string,
  predictLossIncrease: (bits: Bits) => number | undefined,
): Promise<SolvedPolicy> {
  const { pricing } = program;
  const solution = await program.solution();
  const bits = solution?.bits ?? fittingBits(pricing);
  const value = solution?.objective ?? objectiveOf(program, bits);
  const prices = await shadowPrices(program);
  return {
    policy: toPolicy(pricing.problem.space, bits),
    objective: { name: solution?.isProven === false ? `${name} (${NOT_PROVEN})` : name, value },
    predictedLossIncrease: predictLossIncrease(bits),
    shadowPrices: prices ?? pricing.problem.constraints.map(() => 0),
  };
}

function objectiveOf({ pricing, objective }: PolicyProgram, bits: Bits): number {
  const { layers } = toPolicy(pricing.problem.space, bits);
  return layers.reduce((sum, pair, layer) => sum + objective.value(layer, pair), 0);
}
