import type { Padding } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { cast, floats, integers } from './arithmetic.js';

export type Padded = { readonly output: GraphTensor; readonly backward: (gradient: GraphTensor) => GraphTensor };

/** Surrounds the images of an NHWC tensor with a value; nothing happens where the padding is 0. */
export function pad(
  graph: GraphBuilder,
  { top, left, bottom, right }: Padding,
  input: GraphTensor,
  value: number,
): Padded {
  if (top + left + bottom + right === 0) return { output: input, backward: (gradient: GraphTensor) => gradient };
  const [batch = 1, height = 1, width = 1, channels = 1] = input.shape;
  const shape = [batch, height + top + bottom, width + left + right, channels];
  const paddings = graph.constant(Int32Array.of(0, 0, top, bottom, left, right, 0, 0), [4, 2]);
  const { dtype } = input;
  const attributes = { T: { type: dtype }, Tpaddings: { type: 'int32' } } as const;
  const inputs = [input, paddings, cast(graph, floats(graph, value), dtype)];
  const output = graph.operation('PadV2', { inputs, attributes, outputs: [{ dtype, shape }] })[0] as GraphTensor;
  const backward = (gradient: GraphTensor) => {
    const slice = [gradient, integers(graph, [0, top, left, 0]), integers(graph, [-1, height, width, channels])];
    const sliceAttributes = { T: { type: 'float32' }, Index: { type: 'int32' } } as const;
    return graph.operation('Slice', {
      inputs: slice,
      attributes: sliceAttributes,
      outputs: [{ shape: input.shape }],
    })[0] as GraphTensor;
  };
  return { output, backward };
}
