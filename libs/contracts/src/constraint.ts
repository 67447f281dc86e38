import { type Constraint, invalidField, type Limit, type Metric } from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import { optionalText, requirePositive } from './fields.js';
import type * as wire from './gen/bitwright/agent/v1/agent.js';
import { Metric as WireMetric } from './gen/bitwright/common/v1/cost.js';
import { LIMITS } from './limits.js';

/** What budgets limit. */
export const metrics = createEnumCodec<Metric, WireMetric>({
  latency: WireMetric.METRIC_LATENCY,
  energy: WireMetric.METRIC_ENERGY,
  size: WireMetric.METRIC_SIZE,
  bops: WireMetric.METRIC_BOPS,
  'effective-bits': WireMetric.METRIC_EFFECTIVE_BITS,
});

export function toWireConstraint({ metric, limit, target }: Constraint): wire.Constraint {
  return { metric: metrics.toWire(metric), limit: toWireLimit(limit), target: target ?? '' };
}

/** Throws `invalid_argument` naming the field when the limit is absent, 0 or below, or not finite. */
export function fromWireConstraint(message: wire.Constraint, field: string): Constraint {
  const target = optionalText(message.target, `${field}.target`, LIMITS.name);
  const constraint = {
    metric: metrics.fromWire(message.metric, `${field}.metric`),
    limit: fromWireLimit(message.limit, field),
  };
  return target === undefined ? constraint : { ...constraint, target };
}

function toWireLimit(limit: Limit): NonNullable<wire.Constraint['limit']> {
  switch (limit.kind) {
    case 'absolute':
      return { $case: 'absolute', value: limit.value };
    case 'relative':
      return { $case: 'relative', value: limit.ratio };
  }
}

function fromWireLimit(limit: wire.Constraint['limit'], field: string): Limit {
  if (limit === undefined) throw invalidField(field, 'has neither absolute nor relative', 'FIELD_REQUIRED');
  switch (limit.$case) {
    case 'absolute':
      return { kind: 'absolute', value: requirePositive(limit.value, `${field}.absolute`) };
    case 'relative':
      return { kind: 'relative', ratio: requirePositive(limit.value, `${field}.relative`) };
  }
}
