import {
  DEFAULT_POINTS,
  furtherPointBits,
  type Layer,
  type Model,
  type PointAllocation,
  type PrecisionPolicy,
} from '@bitwright/core';
import { pointsByThreshold, pointsOfTotal, pointsWithinBudget } from '@bitwright/quantizers';
import { foldablePairs } from '../network/fold-batch-normalization.js';
import { type LayerPoints, pointDemands } from './layer-points.js';

/**
 * How many points each channel of each layer gets, in the order of `found`; so are `divergences`, of one point for each
 * channel (`layerDivergences`), which only an allocation by size needs. A policy that was measured says how many a layer has: it
 * gets so many, as its allocation has them where that comes to as many.
 */
export function allocateLayers(
  { network, parameters }: Model,
  layers: readonly Layer[],
  policy: PrecisionPolicy,
  found: readonly LayerPoints[],
  divergences: readonly number[],
): readonly Uint8Array[] {
  const allocation = policy.points ?? DEFAULT_POINTS;
  const normalizations = foldablePairs(network);
  const demandsOf = (points: LayerPoints) => {
    const divergence = divergences[found.indexOf(points)] ?? 1;
    return pointDemands(points, parameters, normalizations.get(points.layer.name), divergence);
  };
  const budget = furtherPointBits(policy, layers);
  const byRule =
    budget === undefined
      ? found.map((points) => pointsByThreshold(thresholdDemands(points, allocation), allocation.limit))
      : shareBudget(found.map(demandsOf), budget);
  return found.map((points, index) => {
    const [counts, total] = [byRule[index] as Uint8Array, policy.layerPoints?.[points.layer.index]];
    return total === undefined || total === sumOf(counts) ? counts : pointsOfTotal(demandsOf(points), total);
  });
}

const sumOf = (counts: Uint8Array) => counts.reduce((sum, count) => sum + count, 0);

function thresholdDemands({ errors, variances }: LayerPoints, { rule }: PointAllocation) {
  return errors.map((relative, channel) => {
    const factor = rule === 'absolute-error' ? (variances[channel] as number) : 1;
    return { errors: relative.map((error) => error * factor), cost: 1 };
  });
}

/** One budget for the channels of all layers. */
function shareBudget(layers: readonly ReturnType<typeof pointDemands>[], budget: number): readonly Uint8Array[] {
  const counts = pointsWithinBudget(layers.flat(), budget);
  let start = 0;
  return layers.map(({ length }) => {
    start += length;
    return counts.slice(start - length, start);
  });
}
