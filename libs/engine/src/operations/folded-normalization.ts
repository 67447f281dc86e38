import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { add, compute, floats, multiply, reduce, reshape, subtract, sumOf } from './arithmetic.js';
import type { BatchNormalizationParameters } from './batch-normalization.js';

/** A layer's weight and bias with a normalization folded in, and the gradients of what they were made from. */
export type FoldedLayer = {
  readonly weight: GraphTensor;
  readonly bias: GraphTensor;
  readonly backward: (gradients: { readonly weight: GraphTensor; readonly bias: GraphTensor }) => {
    readonly weight: GraphTensor;
    readonly bias: GraphTensor | undefined;
    readonly scale: GraphTensor;
    readonly shift: GraphTensor;
  };
};

/**
 * Frozen batch normalization without a kernel of its own: with k = scale / sqrt(variance + epsilon), the weight
 * becomes k w per output channel and the bias k (bias - mean) + shift. Scale and shift still learn.
 */
export function foldedNormalization(
  graph: GraphBuilder,
  layer: { readonly weight: GraphTensor; readonly bias: GraphTensor | undefined },
  { scale, shift, mean, variance }: BatchNormalizationParameters,
  epsilon: number,
): FoldedLayer {
  const deviation = compute(graph, 'Rsqrt', [add(graph, variance, floats(graph, epsilon))]);
  const factor = multiply(graph, scale, deviation);
  const centred = layer.bias === undefined ? compute(graph, 'Neg', [mean]) : subtract(graph, layer.bias, mean);
  const channelShape =
    layer.weight.shape.length === 4 && layer.weight.shape[3] !== scale.shape[0]
      ? layer.weight.shape.slice(2)
      : scale.shape;
  const perChannel = channelShape.length === 1 ? factor : reshape(graph, factor, channelShape);
  return {
    weight: multiply(graph, layer.weight, perChannel),
    bias: add(graph, multiply(graph, centred, factor), shift),
    backward: (gradients) => {
      const { weight } = layer;
      const axes = weight.shape.slice(0, weight.shape.length - channelShape.length).map((_, axis) => axis);
      const perWeight = reduce(graph, 'Sum', multiply(graph, gradients.weight, weight), axes);
      const ofWeight = channelShape.length === 1 ? perWeight : reshape(graph, perWeight, scale.shape);
      const ofFactor = sumOf(graph, [ofWeight, multiply(graph, gradients.bias, centred)]);
      return {
        weight: multiply(graph, gradients.weight, perChannel),
        bias: layer.bias === undefined ? undefined : multiply(graph, gradients.bias, factor),
        scale: multiply(graph, ofFactor, deviation),
        shift: gradients.bias,
      };
    },
  };
}
