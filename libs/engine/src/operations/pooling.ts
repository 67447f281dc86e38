import type { Pooling, TensorShape } from '@bitwright/core';
import type { Attribute, GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { compute, floats, multiply, reduce, reshape, shapeOf } from './arithmetic.js';
import { type OperationStep, onlyInput } from './operation-step.js';
import { pad } from './padding.js';

/**
 * Maximum or mean over windows of an NHWC tensor of floats, also of 64 bits. Padding counts as minus infinity for the
 * maximum, as 0 for the mean.
 */
export function pool(graph: GraphBuilder, operation: Pooling, input: GraphTensor, output: TensorShape): OperationStep {
  const isMax = operation.kind === 'max-pool';
  const padded = pad(graph, operation.padding, input, isMax ? -3.0e38 : 0);
  const shape = [input.shape[0] as number, output.height, output.width, output.channels];
  const { dtype } = input;
  const attributes: Record<string, Attribute> = {
    T: { type: dtype },
    ksize: { ints: [1, operation.kernelHeight, operation.kernelWidth, 1] },
    strides: { ints: [1, operation.strideHeight, operation.strideWidth, 1] },
    padding: { text: 'VALID' },
    data_format: { text: 'NHWC' },
  };
  const run = (name: string, inputs: readonly GraphTensor[], outputShape: readonly number[]) =>
    graph.operation(name, { inputs, attributes, outputs: [{ dtype, shape: outputShape }] })[0] as GraphTensor;
  const pooled = run(isMax ? 'MaxPool' : 'AvgPool', [padded.output], shape);
  const backward = (gradient: GraphTensor) => {
    const inputs = isMax ? [padded.output, pooled, gradient] : [shapeOf(graph, padded.output), gradient];
    return onlyInput(padded.backward(run(isMax ? 'MaxPoolGrad' : 'AvgPoolGrad', inputs, padded.output.shape)));
  };
  return { output: pooled, backward };
}

/** Mean over height and width: NHWC to N x 1 x 1 x C. */
export function globalAveragePool(graph: GraphBuilder, input: GraphTensor): OperationStep {
  const [batch = 1, height = 1, width = 1, channels = 1] = input.shape;
  const output = reshape(graph, reduce(graph, 'Mean', input, [1, 2]), [batch, 1, 1, channels]);
  return {
    output,
    backward: (gradient) => {
      const scaled = multiply(graph, gradient, floats(graph, 1 / (height * width)));
      return onlyInput(compute(graph, 'BroadcastTo', [scaled, shapeOf(graph, input)], input.shape));
    },
  };
}
