import { metricOf } from '../cost/budget.js';
import { isHardwareMetric } from '../cost/constraint.js';
import type { PolicyCost } from '../cost/policy-cost.js';
import { paretoFront } from '../search/pareto-front.js';
import type { PreparedSearch } from '../search/prepare-search.js';
import type { Trial } from '../search/search.js';
import type { ReportFrontMetric } from './report.js';

/** Trials as the search measured them that no other beats in accuracy and cost, ascending cost. */
export function frontTrials(search: PreparedSearch, trials: readonly Trial[]): readonly Trial[] {
  const measured = trials.filter(
    ({ role, policy, accuracy }) => role !== 'finalist' && policy !== undefined && accuracy !== undefined,
  );
  return paretoFront(measured, ({ accuracy, cost }) => ({ value: accuracy ?? 0, cost: frontCost(search, cost) }));
}

/** Of the first constraint's metric where it is the hardware's, with several targets. */
export function frontMetricOf({ constraints, reference }: PreparedSearch): ReportFrontMetric | undefined {
  const metric = constraints[0]?.metric;
  if (metric === undefined || !isHardwareMetric(metric) || reference?.targets === undefined) return undefined;
  const references = reference.targets.flatMap(({ hardware }) => {
    const value = metricOf(reference, metric, hardware);
    return value === undefined ? [] : [{ hardware, value }];
  });
  return { metric, references };
}

/** The first constraint's metric (size without one); with several targets the worst of them relative to 8 bits. */
function frontCost(search: PreparedSearch, cost: PolicyCost): number {
  const worst = frontMetricOf(search);
  const unknown = Number.POSITIVE_INFINITY;
  if (worst === undefined) return metricOf(cost, search.constraints[0]?.metric ?? 'size') ?? unknown;
  const { metric, references } = worst;
  return Math.max(...references.map(({ hardware, value }) => (metricOf(cost, metric, hardware) ?? unknown) / value));
}
