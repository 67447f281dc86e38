import { BitwrightError } from '@bitwright/core';
import { type Bits, toBits } from './decisions.js';
import type { Pricing } from './pricing.js';

/**
 * The policy that the search knows to fit, for when lowering bits does not get there: fewer bits need not cost less on
 * hardware that was measured. Throws `failed_precondition` `BUDGET_INFEASIBLE` when even that does not fit.
 */
export function fittingBits({ problem, fits }: Pricing): Bits {
  const bits = toBits(problem.fitting);
  if (fits(bits)) return bits;
  const message =
    'the budget cannot be met: the constraints still fail with the fewest bits in every layer that may be lowered';
  throw new BitwrightError('failed_precondition', 'BUDGET_INFEASIBLE', message);
}
