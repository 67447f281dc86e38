import type {
  Granularity,
  LayerPrecision,
  PrecisionPolicy,
  QuantizationScheme,
  WeightQuantizer,
} from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import { mapEntries, requireBits, requireMessage } from './fields.js';
import * as wire from './gen/bitwright/common/v1/policy.js';
import { LIMITS } from './limits.js';

const quantizers = createEnumCodec<WeightQuantizer, wire.WeightQuantizer>({
  linear: wire.WeightQuantizer.WEIGHT_QUANTIZER_LINEAR,
  'k-means': wire.WeightQuantizer.WEIGHT_QUANTIZER_K_MEANS,
});

const granularities = createEnumCodec<Granularity, wire.Granularity>({
  'per-tensor': wire.Granularity.GRANULARITY_PER_TENSOR,
  'per-channel': wire.Granularity.GRANULARITY_PER_CHANNEL,
});

export function toWireScheme({ weightQuantizer, granularity }: QuantizationScheme): wire.QuantizationScheme {
  return { weightQuantizer: quantizers.toWire(weightQuantizer), granularity: granularities.toWire(granularity) };
}

export function fromWireScheme(message: wire.QuantizationScheme | undefined, field: string): QuantizationScheme {
  const scheme = requireMessage(message, field);
  return {
    weightQuantizer: quantizers.fromWire(scheme.weightQuantizer, `${field}.weight_quantizer`),
    granularity: granularities.fromWire(scheme.granularity, `${field}.granularity`),
  };
}

export function toWirePolicy(policy: PrecisionPolicy): wire.PrecisionPolicy {
  const layers = policy.layers.map(({ weightBits, activationBits }) => ({ weightBits, activationBits }));
  return { scheme: toWireScheme(policy), layers };
}

/** 1 to 2000 layers with bits 1..8 or 32; throws `invalid_argument` naming the field. */
export function fromWirePolicy(message: wire.PrecisionPolicy | undefined, field: string): PrecisionPolicy {
  const policy = requireMessage(message, field);
  const range = { min: 1, max: LIMITS.layers };
  return {
    ...fromWireScheme(policy.scheme, `${field}.scheme`),
    layers: mapEntries(policy.layers, `${field}.layers`, range, fromWirePrecision),
  };
}

/** Throws `invalid_argument` for bits other than 1..8 and 32. */
export function fromWirePrecision(message: wire.LayerPrecision, field: string): LayerPrecision {
  return {
    weightBits: requireBits(message.weightBits, `${field}.weight_bits`),
    activationBits: requireBits(message.activationBits, `${field}.activation_bits`),
  };
}
