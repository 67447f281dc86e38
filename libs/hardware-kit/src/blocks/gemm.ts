import type { LayerShape } from '../accelerator.js';

/**
 * Equal matrix products that make up a layer: `count` times [rows x depth] by [depth x columns], with weights as rows
 * and activations as columns. HAQ's and BISMO's M, K and P.
 */
export type GemmBatch = {
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly count: number;
};

/** Height and depth of the array that {@link lowerBlockDiagonal} packs groups into. */
export type ArrayExtent = { readonly rows: number; readonly depth: number };

/**
 * The usual lowering. Fully connected: one product whose columns are the images, so that weights are read once per
 * batch. Convolution: one product for each image and group (im2col), columns are the output positions.
 */
export function lowerPerImage(layer: LayerShape, batch: number): GemmBatch {
  const { rows, depth, columns } = groupProduct(layer);
  if (layer.kind === 'fully-connected') return { rows, depth, columns: batch, count: 1 };
  return { rows, depth, columns, count: batch * layer.groups };
}

/**
 * HAQ's lowering of grouped and depthwise layers: one product a group, with the images of the batch spread over the
 * rows. No literal product (each row would need columns of its own); kept because published figures rest on it.
 */
export function lowerBatchRows(layer: LayerShape, batch: number): GemmBatch {
  if (layer.groups === 1) return lowerPerImage(layer, batch);
  const { rows, depth, columns } = groupProduct(layer);
  return { rows: batch * rows, depth, columns, count: layer.groups };
}

/**
 * The physical lowering of grouped and depthwise layers: as many groups as the array can hold stand block-diagonally
 * in one product, so that rows and depth fill up at the price of multiplying by zeros.
 */
export function lowerBlockDiagonal(layer: LayerShape, batch: number, array: ArrayExtent): GemmBatch {
  if (layer.groups === 1) return lowerPerImage(layer, batch);
  const { rows, depth, columns } = groupProduct(layer);
  const fitting = Math.min(layer.groups, Math.floor(array.rows / rows), Math.floor(array.depth / depth));
  const packed = Math.max(1, fitting);
  const count = batch * Math.ceil(layer.groups / packed);
  return { rows: packed * rows, depth: packed * depth, columns, count };
}

function groupProduct(layer: LayerShape): Omit<GemmBatch, 'count'> {
  return {
    rows: layer.outChannels / layer.groups,
    depth: (layer.inChannels / layer.groups) * layer.kernelHeight * layer.kernelWidth,
    columns: layer.outputHeight * layer.outputWidth,
  };
}
