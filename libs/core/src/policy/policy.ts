import { sha256Hex } from '../digest.js';
import { invalidField } from '../errors.js';
import type { Layer } from '../network/layers.js';
import { assertPointsFit, type PointAllocation } from './points.js';

/** Stands for "not quantized" wherever bits are given. */
export const FLOAT_BITS = 32;

export type WeightQuantizer = 'linear' | 'k-means' | 'multipoint';
export type Granularity = 'per-tensor' | 'per-channel';

/** Bits of one layer's weights and of its input activations: 1..8, or {@link FLOAT_BITS}. */
export type LayerPrecision = { readonly weightBits: number; readonly activationBits: number };

/** How every layer of a network is quantized; `layers` has one entry per quantizable layer, in their order. */
export type PrecisionPolicy = {
  readonly layers: readonly LayerPrecision[];
  readonly weightQuantizer: WeightQuantizer;
  /** Of the weights; activations are always per tensor. */
  readonly granularity: Granularity;
  /** Of `multipoint`: how many points each channel gets; absent means `DEFAULT_POINTS`. */
  readonly points?: PointAllocation | undefined;
  /** Of `multipoint`: the points of each layer, of all its channels together; absent where the quantizer is to choose. */
  readonly layerPoints?: readonly number[] | undefined;
};

export type QuantizationScheme = Omit<PrecisionPolicy, 'layers' | 'layerPoints'>;

export const DEFAULT_SCHEME: QuantizationScheme = { weightQuantizer: 'linear', granularity: 'per-channel' };

/** The same bits everywhere. */
export function uniformPolicy(
  layerCount: number,
  weightBits: number,
  activationBits = weightBits,
  scheme: QuantizationScheme = DEFAULT_SCHEME,
): PrecisionPolicy {
  return { ...scheme, layers: Array.from({ length: layerCount }, () => ({ weightBits, activationBits })) };
}

/** The scheme alone of what has one. */
export function schemeOf({ weightQuantizer, granularity, points }: QuantizationScheme): QuantizationScheme {
  return { weightQuantizer, granularity, ...(points !== undefined && { points }) };
}

/** One text for one policy: equal policies, and only they, have equal canonical forms. */
export function canonicalPolicy(policy: PrecisionPolicy): string {
  const { points, layerPoints } = policy;
  const bits = policy.layers.map(({ weightBits, activationBits }) => `${weightBits}/${activationBits}`).join(',');
  const allocation = points === undefined ? '' : `(${points.rule}<=${points.limit},${points.maximumPoints})`;
  const counts = layerPoints === undefined ? '' : `;${layerPoints.join(',')}`;
  return `v1;${policy.weightQuantizer}${allocation};${policy.granularity};${bits}${counts}`;
}

/** The idempotency key of an evaluation: SHA-256 of the canonical form. */
export function policyHash(policy: PrecisionPolicy): string {
  return sha256Hex(canonicalPolicy(policy));
}

/** Throws `invalid_argument` when a policy does not fit the layers or has bits outside 1..8 and 32. */
export function assertPolicyFits(policy: PrecisionPolicy, layers: readonly Layer[], field = 'policy'): void {
  if (policy.layers.length !== layers.length) {
    const found = `has ${policy.layers.length} layers, the network has ${layers.length} quantizable layers`;
    throw invalidField(`${field}.layers`, found, 'POLICY_LENGTH');
  }
  policy.layers.forEach((precision, index) => {
    for (const key of ['weightBits', 'activationBits'] as const) {
      if (isBits(precision[key])) continue;
      throw invalidField(`${field}.layers[${index}].${key}`, `is ${precision[key]}; use 1..8, or 32 for float`, 'BITS');
    }
  });
  assertPointsFit(policy, layers, field);
}

const isBits = (bits: number) => Number.isInteger(bits) && ((bits >= 1 && bits <= 8) || bits === FLOAT_BITS);
