import { type FieldViolation, invalidFields } from '../errors.js';
import type { Layer } from '../network/layers.js';
import type { LayerPrecision, PrecisionPolicy } from './policy.js';

/**
 * How output channels of a `multipoint` policy get more than one point each. `relative-error`, `absolute-error`: every
 * channel gets the fewest points with an output error of at most `limit` (a share of its output's variance, or in squared
 * units of its output). `size-ratio`: points go where they remove the most error per bit, until the layers with points
 * take `limit` times what one point for each channel takes. `size`: until all weights take `limit` bytes.
 */
export type PointAllocation = {
  readonly rule: (typeof POINT_RULES)[number];
  readonly limit: number;
  /** Of one channel, 1..{@link MOST_POINTS}. */
  readonly maximumPoints: number;
};

export const POINT_RULES = ['relative-error', 'absolute-error', 'size-ratio', 'size'] as const;

/** The most points that a channel may have. */
export const MOST_POINTS = 8;

/** What a multipoint policy without an allocation of its own is given. */
export const DEFAULT_POINTS: PointAllocation = { rule: 'relative-error', limit: 0.02, maximumPoints: 4 };

/** A point's coefficient, a float32. */
const COEFFICIENT_BITS = 32;

/** Whether a layer's channels have points: those of 8 bits and of float layers are as in a `linear` policy. */
export function hasPoints({ weightQuantizer }: Pick<PrecisionPolicy, 'weightQuantizer'>, weightBits: number): boolean {
  return weightQuantizer === 'multipoint' && weightBits < 8;
}

/** The same of one layer of a policy. */
export function layerHasPoints(policy: PrecisionPolicy, { index }: Pick<Layer, 'index'>): boolean {
  return hasPoints(policy, policy.layers[index]?.weightBits ?? 8);
}

/** What one point of a layer's channel takes: its codes and its coefficient. */
export function pointSizeBits({ weights, outChannels }: Layer, weightBits: number): number {
  return (weights / outChannels) * weightBits + COEFFICIENT_BITS;
}

/** Bits that a layer's weights take: of a layer with points codes and coefficients, else the weights' alone. */
export function layerSizeBits(policy: PrecisionPolicy, layer: Layer, pointsPerChannel: number): number {
  const { weightBits } = policy.layers[layer.index] as LayerPrecision;
  if (!layerHasPoints(policy, layer)) return layer.weights * weightBits;
  return layer.outChannels * pointsPerChannel * pointSizeBits(layer, weightBits);
}

/** Bits that an allocation by size leaves for points beyond the first of each channel; undefined for other rules. */
export function furtherPointBits(policy: PrecisionPolicy, layers: readonly Layer[]): number | undefined {
  const { rule, limit } = policy.points ?? DEFAULT_POINTS;
  if (rule !== 'size' && rule !== 'size-ratio') return undefined;
  const sizes = layers.map((layer) => layerSizeBits(policy, layer, 1));
  const sum = (included: (layer: Layer) => boolean) =>
    layers.reduce((total, layer) => total + (included(layer) ? (sizes[layer.index] as number) : 0), 0);
  const inPoints = sum((layer) => layerHasPoints(policy, layer));
  return Math.max(0, rule === 'size-ratio' ? (limit - 1) * inPoints : limit * 8 - sum(() => true));
}

/**
 * Points per output channel of each layer: where the policy does not say how many there are, what an allocation by size
 * has room for, spread evenly. By error, nobody knows before the quantizer has measured it: one is what there is at least.
 */
export function pointsPerChannel(policy: PrecisionPolicy, layers: readonly Layer[]): readonly number[] {
  const { layerPoints } = policy;
  if (layerPoints !== undefined) return layers.map(({ index, outChannels }) => (layerPoints[index] ?? 0) / outChannels);
  const open = layers.filter((layer) => layerHasPoints(policy, layer));
  const size = open.reduce((sum, layer) => sum + layerSizeBits(policy, layer, 1), 0);
  const { maximumPoints } = policy.points ?? DEFAULT_POINTS;
  const spread = size === 0 ? 1 : Math.min(maximumPoints, 1 + (furtherPointBits(policy, layers) ?? 0) / size);
  return layers.map((layer) => (open.includes(layer) ? spread : 1));
}

/** What the points of a policy add up to. */
export type PointFigures = {
  /** Of all layers together. */
  readonly points: number;
  /** All weights, with codes and coefficients of the points; bytes. */
  readonly sizeBytes: number;
  /** Multiply-accumulates over those with one point for each channel; adding the points up is not counted. */
  readonly operationsRatio: number;
};

/** The figures of a policy whose points are known; undefined for any other. */
export function pointFigures(policy: PrecisionPolicy, layers: readonly Layer[]): PointFigures | undefined {
  const { layerPoints } = policy;
  if (layerPoints === undefined) return undefined;
  const each = pointsPerChannel(policy, layers);
  const sum = (figure: (layer: Layer, points: number) => number) =>
    layers.reduce((total, layer, index) => total + figure(layer, each[index] as number), 0);
  return {
    points: layerPoints.reduce((total, count) => total + count, 0),
    sizeBytes: sum((layer, points) => layerSizeBits(policy, layer, points)) / 8,
    operationsRatio: sum(({ macs }, points) => macs * points) / sum(({ macs }) => macs),
  };
}

/** The policy as it was before its points were found. */
export function withoutLayerPoints({ layerPoints: _, ...policy }: PrecisionPolicy): PrecisionPolicy {
  return policy;
}

/** Throws `invalid_argument` for points where there can be none, or more or fewer than the layer's channels can have. */
export function assertPointsFit(policy: PrecisionPolicy, layers: readonly Layer[], field: string): void {
  const allocation = policy.points === undefined ? [] : allocationProblems(policy.points, `${field}.points`);
  const problems = [...schemeProblems(policy, field), ...allocation, ...countProblems(policy, layers, field)];
  if (problems.length > 0) throw invalidFields(problems, 'POINTS');
}

function schemeProblems({ weightQuantizer, points, layerPoints }: PrecisionPolicy, field: string): FieldViolation[] {
  if (weightQuantizer === 'multipoint' || (points ?? layerPoints) === undefined) return [];
  return [{ field: `${field}.points`, description: `only multipoint has points, not ${weightQuantizer}` }];
}

function countProblems(policy: PrecisionPolicy, layers: readonly Layer[], field: string): FieldViolation[] {
  const { layerPoints } = policy;
  if (layerPoints === undefined) return [];
  if (layerPoints.length !== layers.length) {
    const description = `has ${layerPoints.length} entries; give one for each of ${layers.length} layers`;
    return [{ field: `${field}.layerPoints`, description }];
  }
  return layers.flatMap((layer) => {
    const { index, outChannels } = layer;
    const points = layerPoints[index] as number;
    const most = layerHasPoints(policy, layer) ? outChannels * MOST_POINTS : outChannels;
    if (Number.isInteger(points) && points >= outChannels && points <= most) return [];
    const range = `use ${outChannels === most ? outChannels : `a whole number from ${outChannels} to ${most}`}`;
    return [{ field: `${field}.layerPoints[${index}]`, description: `is ${points}; ${range}` }];
  });
}

/** What is wrong with an allocation; empty when it is sound. */
export function allocationProblems(
  { rule, limit, maximumPoints }: PointAllocation,
  field: string,
): readonly FieldViolation[] {
  const least = rule === 'size-ratio' ? 1 : 0;
  const isLimit = Number.isFinite(limit) && limit >= least;
  const isCount = Number.isInteger(maximumPoints) && maximumPoints >= 1 && maximumPoints <= MOST_POINTS;
  return [
    ...(isLimit ? [] : [{ field: `${field}.limit`, description: `is ${limit}; use a number of at least ${least}` }]),
    ...(isCount
      ? []
      : [{ field: `${field}.maximumPoints`, description: `is ${maximumPoints}; use 1 to ${MOST_POINTS}` }]),
  ];
}
