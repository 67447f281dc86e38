import type { Network, TensorShape } from '@bitwright/core';
import { DATA_TYPE } from '../wire/data-type.js';
import type { GraphWriter } from '../wire/graph-writer.js';
import { toFloatTensor, toTensor } from '../wire/tensors.js';

/** What codes stand for: value = scale x (code - zero point); unsigned bytes unless they are `signed`. */
export type ByteGrid = { readonly scale: number; readonly zeroPoint: number; readonly signed?: boolean };

/**
 * Writes what a convolution reads whose input has codes and whose weight has none, or others than kernels take. ONNX Runtime
 * quantizes the weight of such a convolution by itself where the output gets codes as well; a scale for each channel (or row,
 * if there is one channel), though all are the same, keeps it from that.
 */
export function writeFloatInput(
  writer: GraphWriter,
  name: string,
  codes: string,
  { scale, zeroPoint, signed = false }: ByteGrid,
  { channels, height, width }: TensorShape,
): string {
  const sizes = [channels, height, width];
  const along = Math.max(
    0,
    sizes.findIndex((size) => size > 1),
  );
  const count = sizes[along] as number;
  const scales = { shape: [count], values: new Float32Array(count).fill(scale) };
  const type = signed ? DATA_TYPE.int8 : DATA_TYPE.uint8;
  const zeros = toTensor(`${name}.zeros`, [count], type, new Uint8Array(count).fill(zeroPoint));
  const grid = [writer.tensor(toFloatTensor(`${name}.scales`, scales)), writer.tensor(zeros)];
  return writer.node('DequantizeLinear', name, [codes, ...grid], { axis: 1 + along });
}

/** The shape of a node's output. */
export function shapeOf({ nodes }: Network, tensor: string): TensorShape {
  const node = nodes.find(({ id }) => id === tensor);
  if (node === undefined) throw new Error(`the network has no tensor ${tensor}`);
  return node.output;
}
