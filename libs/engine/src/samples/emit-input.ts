import type { Preprocessing, TensorShape } from '@bitwright/core';
import type { Feed, GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { floats, multiply, reshape, subtract } from '../operations/arithmetic.js';

/** A batch's place in a graph. */
export type EmittedInput = {
  /** The floats that the network reads, NHWC. */
  readonly normalized: GraphTensor;
  /** A batch's images to feed as bytes, NHWC, as many as there are. */
  readonly feed: (images: Uint8Array) => Feed;
};

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
  const rowLength = shape.width * shape.channels;
  // Whole rows at a time: TensorFlow is slow at repeating three numbers.
  const perRow = (value: (mean: number, std: number) => number) =>
    floats(
      graph,
      Array.from({ length: rowLength }, (_, at) => {
        const channel = at % shape.channels;
        return value(mean[channel] as number, std[channel] as number);
      }),
    );
  const rows = reshape(graph, cast, [batch, shape.height, rowLength]);
  const scaled = multiply(
    graph,
    rows,
    perRow((_, deviation) => 1 / (255 * deviation)),
  );
  const centred = subtract(
    graph,
    scaled,
    perRow((average, deviation) => average / deviation),
  );
  const imageBytes = shape.height * rowLength;
  return {
    normalized: reshape(graph, centred, size),
    feed: (images) => ({
      target: { ...bytes, shape: [images.length / imageBytes, ...size.slice(1)] },
      values: images,
    }),
  };
}
