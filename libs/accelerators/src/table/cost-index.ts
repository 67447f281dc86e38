import { BitwrightError } from '@bitwright/core';
import type { LookupCell, LookupTable } from '@bitwright/cost-tables';
import { describeShape, type LayerShape, layerShapeKey } from '@bitwright/hardware-kit';

/** The costs of a table, to be found by a layer's shape. */
export type CostIndex = {
  /** Cells of the layer at the batch. Throws `unsupported`, naming shape and batches, when the table has none. */
  cellsOf(layer: LayerShape, batch: number): readonly LookupCell[];
};

/** `name` is the target's, for messages. Layers of one shape give their cells together. */
export function indexCosts({ layers }: LookupTable, name: string): CostIndex {
  const shapes = new Map<string, Map<number, Map<string, LookupCell>>>();
  for (const layer of layers) {
    const batches = shapes.get(layerShapeKey(layer)) ?? new Map<number, Map<string, LookupCell>>();
    const cells = batches.get(layer.batch) ?? new Map<string, LookupCell>();
    for (const cell of layer.cells) cells.set(`${cell.weightBits}/${cell.activationBits}`, cell);
    shapes.set(layerShapeKey(layer), batches.set(layer.batch, cells));
  }
  return {
    cellsOf: (layer, batch) => {
      const batches = shapes.get(layerShapeKey(layer));
      const cells = batches?.get(batch);
      if (cells !== undefined) return [...cells.values()];
      throw notInTable(name, layer, batch, [...(batches?.keys() ?? [])]);
    },
  };
}

function notInTable(name: string, layer: LayerShape, batch: number, batches: readonly number[]): BitwrightError {
  const missing = `${name} has no cost of ${describeShape(layer)}`;
  const other = batches.length === 0 ? '' : `; it has batch ${batches.join(', ')}`;
  return new BitwrightError('unsupported', 'LAYER_NOT_IN_TABLE', `${missing} at batch ${batch}${other}`);
}
