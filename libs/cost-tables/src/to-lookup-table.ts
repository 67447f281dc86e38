import { type CostTable, type HardwareCapabilities, invalidField, type Layer } from '@bitwright/core';
import { LAYER_SIZES } from '@bitwright/hardware-kit';
import { countedOf } from './counted.js';
import type { LookupCell, LookupLayer, LookupTable } from './lookup-table.js';

/**
 * The table to ship for what a target answered; layers that it could not run are left out. Throws `invalid_argument` when
 * the layers are not those of the answer.
 */
export function toLookupTable(
  table: CostTable,
  layers: readonly Layer[],
  { name, version, description }: Pick<HardwareCapabilities, 'name' | 'version' | 'description'>,
): LookupTable {
  if (layers.length !== table.cells.length) {
    throw invalidField('layers', `has ${layers.length} layers, the table has ${table.cells.length}`, 'LAYER_COUNT');
  }
  return {
    source: { hardware: name, version, description, provenance: table.provenance },
    device: {},
    counted: countedOf(table.counted),
    layers: layers
      .map((layer, index) => lookupLayer(layer, table.batch, cellsOf(table, index)))
      .filter(({ cells }) => cells.length > 0),
  };
}

/** A layer of a network as a row of a table: without its place in that network. */
export function lookupLayer(layer: Layer, batch: number, cells: readonly LookupCell[]): LookupLayer {
  const sizes = Object.fromEntries(LAYER_SIZES.map((size) => [size, layer[size]])) as Pick<
    Layer,
    (typeof LAYER_SIZES)[number]
  >;
  return { name: layer.name, kind: layer.kind, batch, ...sizes, cells };
}

function cellsOf({ cells, weightBits, activationBits }: CostTable, index: number): readonly LookupCell[] {
  return weightBits.flatMap((weight, i) =>
    activationBits.flatMap((activation, j) => {
      const cost = cells[index]?.[i]?.[j];
      return cost === undefined ? [] : [{ weightBits: weight, activationBits: activation, ...cost }];
    }),
  );
}
