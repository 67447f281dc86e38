import { BitwrightError } from '@bitwright/core';

/** Thrown when no lowering of bits meets the constraints, instead of trying for ever. */
export function budgetInfeasible(): BitwrightError {
  const message =
    'the budget cannot be met: the constraints still fail with the fewest bits in every layer that may be lowered';
  return new BitwrightError('failed_precondition', 'BUDGET_INFEASIBLE', message);
}
