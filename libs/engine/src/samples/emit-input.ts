import type { Preprocessing, TensorShape } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { floats, multiply, subtract } from '../operations/arithmetic.js';

/** A batch's place in a graph: bytes NHWC to feed, and the normalized floats that the network reads. */
export type EmittedInput = { readonly bytes: GraphTensor; readonly normalized: GraphTensor };

/** Normalizes bytes in the graph: (x / 255 - mean) / std per channel. `batch` is -1 for any size. */
export function emitInput(
  graph: GraphBuilder,
  shape: TensorShape,
  batch: number,
  { mean, std }: Preprocessing,
): EmittedInput {
  const size = [batch, shape.height, shape.width, shape.channels];
  const bytes = graph.placeholder('uint8', size);
  const attributes = { SrcT: { type: 'uint8' }, DstT: { type: 'float32' }, Truncate: { bool: false } } as const;
  const cast = graph.operation('Cast', { inputs: [bytes], attributes, outputs: [{ shape: size }] })[0] as GraphTensor;
  const perChannel = (values: readonly number[], value: (index: number) => number) =>
    floats(
      graph,
      values.map((_, index) => value(index)),
    );
  const factor = perChannel(std, (index) => 1 / (255 * (std[index] as number)));
  const offset = perChannel(std, (index) => (mean[index] as number) / (std[index] as number));
  return { bytes, normalized: subtract(graph, multiply(graph, cast, factor), offset) };
}
