import { invalidField, type Layer, type LayerPrecision, sha256Hex } from '@bitwright/core';
import { TABLE_LIMITS } from '@bitwright/cost-tables';
import { assertLayers, layerShapeKey } from '@bitwright/hardware-kit';

/** A layer shape of the network with the pairs of bits to measure it at. */
export type PlannedShape = {
  /** See `layerShapeKey`. */
  readonly key: string;
  /** The first layer that has it. */
  readonly layer: Layer;
  readonly pairs: readonly LayerPrecision[];
};

/** What a table needs: each shape of the network once. */
export type TablePlan = {
  readonly layers: readonly Layer[];
  readonly batch: number;
  readonly shapes: readonly PlannedShape[];
};

/** `pairsOf` says what a layer is measured at. Throws `invalid_argument` for layers that make no sense and too many cells. */
export function planTable(
  layers: readonly Layer[],
  batch: number,
  pairsOf: (layer: Layer) => readonly LayerPrecision[],
): TablePlan {
  assertLayers(layers, batch);
  const shapes = new Map<string, PlannedShape>();
  for (const layer of layers) {
    const key = layerShapeKey(layer);
    if (!shapes.has(key)) shapes.set(key, { key, layer, pairs: pairsOf(layer) });
  }
  const cells = layers.reduce((sum, layer) => sum + (shapes.get(layerShapeKey(layer))?.pairs.length ?? 0), 0);
  if (cells <= TABLE_LIMITS.cells) return { layers, batch, shapes: [...shapes.values()] };
  const found = `${layers.length} layers at these bits make ${cells} cells; the limit is ${TABLE_LIMITS.cells}`;
  throw invalidField('bits', found, 'TABLE_SIZE');
}

/** Every weight width with every activation width. */
export function gridOf(weightBits: readonly number[], activationBits: readonly number[]): readonly LayerPrecision[] {
  return weightBits.flatMap((weight) =>
    activationBits.map((activation) => ({ weightBits: weight, activationBits: activation })),
  );
}

/** `4/8`: weight and activation bits. */
export const pairText = ({ weightBits, activationBits }: LayerPrecision) => `${weightBits}/${activationBits}`;

/** The pairs of bits of all shapes, as text: `4/8, 8/8`. */
export function pairsOfPlan({ shapes }: TablePlan): string {
  return [...new Set(shapes.flatMap(({ pairs }) => pairs.map(pairText)))].sort().join(', ');
}

/** One text for one set of cells. */
export function planDigest({ shapes }: TablePlan): string {
  const cells = shapes.map(({ key, pairs }) => `${key} ${pairs.map(pairText).join(' ')}`);
  return sha256Hex(cells.sort().join('\n')).slice(0, 12);
}
