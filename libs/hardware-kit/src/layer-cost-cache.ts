import type { LayerCost } from '@bitwright/core';
import type { Accelerator, LayerShape } from './accelerator.js';
import { layerShapeKey } from './layer-shape.js';

/** Cost of one layer shape at one batch, by weight and activation bits; each pair is computed once. */
export type PairCosts = (weightBits: number, activationBits: number) => LayerCost;

/** Costs that were computed before, by layer shape and batch. */
export type LayerCostCache = {
  costsOf(layer: LayerShape, batch: number): PairCosts;
  /** Shapes kept at present. */
  size(): number;
};

/** A large network has about a hundred distinct shapes; at 64 pairs each, 2048 shapes stay under 40 MB. */
const DEFAULT_MAXIMUM_SHAPES = 2048;

/** Remembers an accelerator's answers; past `maximumShapes` shapes the one used longest ago is dropped. */
export function createLayerCostCache(
  accelerator: Accelerator,
  maximumShapes: number = DEFAULT_MAXIMUM_SHAPES,
): LayerCostCache {
  const shapes = new Map<string, PairCosts>();
  const costsOf = (layer: LayerShape, batch: number): PairCosts => {
    const key = `${batch};${layerShapeKey(layer)}`;
    const costs = shapes.get(key) ?? memoizePairs(accelerator, layer, batch);
    // A Map keeps insertion order: re-inserting makes its first key the one used longest ago.
    shapes.delete(key);
    shapes.set(key, costs);
    if (shapes.size > maximumShapes) shapes.delete(shapes.keys().next().value as string);
    return costs;
  };
  return { costsOf, size: () => shapes.size };
}

function memoizePairs(accelerator: Accelerator, layer: LayerShape, batch: number): PairCosts {
  const rows = new Map<number, Map<number, LayerCost>>();
  return (weightBits, activationBits) => {
    const known = rows.get(weightBits)?.get(activationBits);
    if (known !== undefined) return known;
    const cost = accelerator.layerCost(layer, weightBits, activationBits, batch);
    const row = rows.get(weightBits) ?? new Map<number, LayerCost>();
    rows.set(weightBits, row.set(activationBits, cost));
    return cost;
  };
}
