import { type GemmBatch, type LayerShape, lowerBlockDiagonal, lowerPerImage } from '@bitwright/hardware-kit';
import type { MacMode } from './mac-rate.js';
import type { SystolicProfile } from './profile.js';

/** How a layer's products lie on the array; symbols of docs/hardware/systolic.md in brackets. */
export type Mapping = {
  /** The equal products that the layer becomes: M x K by K x P, `count` of them. */
  readonly product: GemmBatch;
  /** Tiles across the array's rows and columns: ceil(S_R / R), ceil(S_C / C). */
  readonly rowTiles: number;
  readonly columnTiles: number;
  /** Steps for which operands stream through one tile (T). */
  readonly steps: number;
};

/** Lays a layer on the array. */
export function mapLayer(profile: SystolicProfile, layer: LayerShape, mode: MacMode, batch: number): Mapping {
  const product = lower(profile, layer, mode, batch);
  const { onRows, onColumns, steps } = spread(profile, product, mode);
  return {
    product,
    rowTiles: Math.ceil(onRows / profile.arrayRows),
    columnTiles: Math.ceil(onColumns / profile.arrayColumns),
    steps,
  };
}

/** (2R + C + T - 2) ceil(S_R / R) ceil(S_C / C) for each product; every step takes the passes of one product. */
export function computeCycles(profile: SystolicProfile, mapping: Mapping, { passes }: MacMode): number {
  const { arrayRows, arrayColumns } = profile;
  const tileCycles = 2 * arrayRows + arrayColumns + mapping.steps * passes - 2;
  return mapping.product.count * mapping.rowTiles * mapping.columnTiles * tileCycles;
}

function lower(profile: SystolicProfile, layer: LayerShape, mode: MacMode, batch: number): GemmBatch {
  switch (profile.groupedLowering) {
    case 'per_channel':
      return lowerPerImage(layer, batch);
    case 'block_diagonal':
      return lowerBlockDiagonal(layer, batch, packingExtent(profile, mode));
  }
}

/**
 * What the array holds of weight rows (M) and of depth (K); the one that passes in time has no limit. With inputs
 * stationary, weight rows pass in time: more groups lengthen the stream, so lanes are left to the depth of each.
 */
function packingExtent({ dataflow, arrayRows, arrayColumns }: SystolicProfile, { lanes }: MacMode) {
  switch (dataflow) {
    case 'output_stationary':
      return { rows: arrayRows, depth: Number.POSITIVE_INFINITY };
    case 'weight_stationary':
      return { rows: arrayColumns, depth: arrayRows * lanes };
    case 'input_stationary':
      return { rows: Number.POSITIVE_INFINITY, depth: arrayRows };
  }
}

/** (S_R, S_C, T): OS (M, P, K), WS (K, M, P), IS (K, P, M); lanes divide the depth. */
function spread({ dataflow }: SystolicProfile, { rows, depth, columns }: GemmBatch, { lanes }: MacMode) {
  const depthSteps = Math.ceil(depth / lanes);
  switch (dataflow) {
    case 'output_stationary':
      return { onRows: rows, onColumns: columns, steps: depthSteps };
    case 'weight_stationary':
      return { onRows: depthSteps, onColumns: rows, steps: columns };
    case 'input_stationary':
      return { onRows: depthSteps, onColumns: columns, steps: rows };
  }
}
