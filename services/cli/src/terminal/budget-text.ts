import { type Constraint, formatConstraint } from '@bitwright/core';

/** All limits of a budget in one line. */
export function budgetsText(budget: readonly Constraint[]): string {
  return budget.length === 0 ? 'none' : budget.map(formatConstraint).join(', ');
}
