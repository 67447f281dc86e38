import { type Constraint, invalidField, type Limit, type Metric } from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import { optionalText, requirePositive } from './fields.js';
import * as wire from './gen/bitwright/agent/v1/agent.js';
import { LIMITS } from './limits.js';

/** What budgets limit. */
export const metrics = createEnumCodec<Metric, wire.Metric>({
  latency: wire.Metric.METRIC_LATENCY,
  energy: wire.Metric.METRIC_ENERGY,
  size: wire.Metric.METRIC_SIZE,
  bops: wire.Metric.METRIC_BOPS,
  'effective-bits': wire.Metric.METRIC_EFFECTIVE_BITS,
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
