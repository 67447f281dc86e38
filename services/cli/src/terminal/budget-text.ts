import { type Constraint, formatConstraint, type HardwareTarget } from '@bitwright/core';

/** All limits of a budget in one line. */
export function budgetsText(budget: readonly Constraint[]): string {
  return budget.length === 0 ? 'none' : budget.map(formatConstraint).join(', ');
}

/** All targets of a search in one line, with what was asked of them beyond their defaults. */
export function targetsText(targets: readonly HardwareTarget[]): string {
  return targets.map(targetText).join(', ');
}

function targetText({ name, batch, counted }: HardwareTarget): string {
  const asked = [
    ...(batch === undefined ? [] : [`batch ${batch}`]),
    ...(counted === undefined ? [] : [countText(counted)]),
  ];
  return asked.length === 0 ? name : `${name} (${asked.join(', ')})`;
}

const countText = (counted: NonNullable<HardwareTarget['counted']>) =>
  counted === 'all' ? 'every layer counts' : 'without first and last layer';
