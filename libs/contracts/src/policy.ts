import {
  allocationProblems,
  type Granularity,
  invalidFields,
  type LayerPrecision,
  type PointAllocation,
  type PrecisionPolicy,
  type QuantizationScheme,
  type WeightQuantizer,
} from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import { mapEntries, requireBits, requireInteger, requireMessage } from './fields.js';
import * as wire from './gen/bitwright/common/v1/policy.js';
import { LIMITS } from './limits.js';

const quantizers = createEnumCodec<WeightQuantizer, wire.WeightQuantizer>({
  linear: wire.WeightQuantizer.WEIGHT_QUANTIZER_LINEAR,
  'k-means': wire.WeightQuantizer.WEIGHT_QUANTIZER_K_MEANS,
  multipoint: wire.WeightQuantizer.WEIGHT_QUANTIZER_MULTIPOINT,
});

const pointRules = createEnumCodec<PointAllocation['rule'], wire.PointRule>({
  'relative-error': wire.PointRule.POINT_RULE_RELATIVE_ERROR,
  'absolute-error': wire.PointRule.POINT_RULE_ABSOLUTE_ERROR,
  'size-ratio': wire.PointRule.POINT_RULE_SIZE_RATIO,
  size: wire.PointRule.POINT_RULE_SIZE,
});

const granularities = createEnumCodec<Granularity, wire.Granularity>({
  'per-tensor': wire.Granularity.GRANULARITY_PER_TENSOR,
  'per-channel': wire.Granularity.GRANULARITY_PER_CHANNEL,
});

export function toWireScheme({ weightQuantizer, granularity, points }: QuantizationScheme): wire.QuantizationScheme {
  return {
    weightQuantizer: quantizers.toWire(weightQuantizer),
    granularity: granularities.toWire(granularity),
    points: points && { ...points, rule: pointRules.toWire(points.rule) },
  };
}

export function fromWireScheme(message: wire.QuantizationScheme | undefined, field: string): QuantizationScheme {
  const scheme = requireMessage(message, field);
  return {
    weightQuantizer: quantizers.fromWire(scheme.weightQuantizer, `${field}.weight_quantizer`),
    granularity: granularities.fromWire(scheme.granularity, `${field}.granularity`),
    ...(scheme.points !== undefined && { points: fromWireAllocation(scheme.points, `${field}.points`) }),
  };
}

function fromWireAllocation(message: wire.PointAllocation, field: string): PointAllocation {
  const { limit, maximumPoints } = message;
  const allocation = { rule: pointRules.fromWire(message.rule, `${field}.rule`), limit, maximumPoints };
  const problems = allocationProblems(allocation, field);
  if (problems.length > 0) throw invalidFields(problems, 'POINTS');
  return allocation;
}

export function toWirePolicy(policy: PrecisionPolicy): wire.PrecisionPolicy {
  const layers = policy.layers.map(({ weightBits, activationBits }) => ({ weightBits, activationBits }));
  return { scheme: toWireScheme(policy), layers, layerPoints: [...(policy.layerPoints ?? [])] };
}

/** 1 to 2000 layers with bits 1..8 or 32; throws `invalid_argument` naming the field. */
export function fromWirePolicy(message: wire.PrecisionPolicy | undefined, field: string): PrecisionPolicy {
  const policy = requireMessage(message, field);
  const range = { min: 1, max: LIMITS.layers };
  return {
    ...fromWireScheme(policy.scheme, `${field}.scheme`),
    layers: mapEntries(policy.layers, `${field}.layers`, range, fromWirePrecision),
    ...(policy.layerPoints.length > 0 && {
      layerPoints: fromWireLayerPoints(policy.layerPoints, `${field}.layer_points`),
    }),
  };
}

/** One count of 1 or more for each layer. */
export function fromWireLayerPoints(points: readonly number[], field: string): readonly number[] {
  const range = { min: 1, max: LIMITS.points };
  return mapEntries(points, field, { min: 1, max: LIMITS.layers }, (count, at) => requireInteger(count, at, range));
}

/** Throws `invalid_argument` for bits other than 1..8 and 32. */
export function fromWirePrecision(message: wire.LayerPrecision, field: string): LayerPrecision {
  return {
    weightBits: requireBits(message.weightBits, `${field}.weight_bits`),
    activationBits: requireBits(message.activationBits, `${field}.activation_bits`),
  };
}
