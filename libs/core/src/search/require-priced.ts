import { type BudgetCosts, metricOf, type TargetMetric } from '../cost/budget.js';
import { isHardwareMetric } from '../cost/constraint.js';
import type { CostTable } from '../cost/cost-table.js';
import { BitwrightError, type FieldViolation } from '../errors.js';
import { FLOAT_BITS } from '../policy/policy.js';
import type { PrecisionWidths } from '../policy/precision-space.js';
import type { PreparedTarget } from './prepared-target.js';
import type { SearchSpec } from './search.js';

const ROLES = [
  { role: 'weightBits', field: 'spec.weight_bits', what: 'weights' },
  { role: 'activationBits', field: 'spec.activation_bits', what: 'activations' },
] as const;

/**
 * Throws `unsupported` `PRECISION_UNSUPPORTED`, naming the bits, where a limit is on what hardware knows of integers and not of
 * the float bits that a search asks for.
 */
export function requirePriced(
  spec: SearchSpec,
  targets: readonly PreparedTarget[],
  limited: readonly TargetMetric[],
  { reference, smallest }: BudgetCosts,
): void {
  for (const what of limited) {
    if (!isHardwareMetric(what.metric)) continue;
    const costs = [reference, smallest(what)];
    if (costs.every((cost) => metricOf(cost, what.metric, what.target) !== undefined)) continue;
    const { table } = targets.find(({ asked }) => asked.name === what.target) ?? (targets[0] as PreparedTarget);
    const violations = reports(table, what) ? floatWithoutKernels(spec, table, what) : [];
    if (violations.length > 0) throw unpriced(violations);
  }
}

function reports({ cells }: CostTable, { metric }: TargetMetric): boolean {
  const figure = metric === 'energy' ? 'energyMj' : 'latencyMs';
  return cells.some((rows) => rows.some((row) => row.some((cell) => cell?.[figure] !== undefined)));
}

function floatWithoutKernels(
  asked: PrecisionWidths,
  table: CostTable,
  { metric }: TargetMetric,
): readonly FieldViolation[] {
  return ROLES.filter(({ role }) => asked[role].includes(FLOAT_BITS) && !table[role].includes(FLOAT_BITS)).map(
    ({ role, field, what }) => ({
      field,
      description: `${table.hardware} has no kernels for float ${what} (${FLOAT_BITS} bit), so their ${metric} is not known; use bits among ${table[role].join(', ')}, or limit size or effective-bits in place of ${metric}`,
    }),
  );
}

function unpriced(violations: readonly FieldViolation[]): BitwrightError {
  const message = violations.map(({ description }) => description).join('; ');
  return new BitwrightError('unsupported', 'PRECISION_UNSUPPORTED', message, { violations });
}
