import type { Convolution, TensorShape } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import {
  type BatchNormalizationParameters,
  namedGradients,
  normalizationGradients,
  normalizationInputs,
  type OutputRange,
  type TrainedNormalization,
} from './batch-normalization.js';
import type { OperationStep } from './operation-step.js';

/** A batch normalization in training, as part of the layer that alone reads it. */
export type InputNormalization = TrainedNormalization & {
  readonly parameters: BatchNormalizationParameters;
  readonly range: OutputRange;
};

/**
 * A depthwise convolution of a normalized tensor that is never written to memory (`libs/tensor/native`): its rows are
 * normalized when they are needed. Roles: `weight`, and `scale`, `shift` and `clip` of the normalization.
 */
export function normalizedDepthwise(
  graph: GraphBuilder,
  operation: Convolution,
  output: TensorShape,
  { input, weight }: { readonly input: GraphTensor; readonly weight: GraphTensor },
  { parameters, range, ...options }: InputNormalization,
): OperationStep {
  const { inputs, statistics } = normalizationInputs(graph, input, parameters, options, range);
  const attributes = {
    stride_height: { int: operation.strideHeight },
    stride_width: { int: operation.strideWidth },
    pad_top: { int: operation.padding.top },
    pad_left: { int: operation.padding.left },
    output_height: { int: output.height },
    output_width: { int: output.width },
    of_range: { bool: range.clip !== undefined },
  };
  const shape = [input.shape[0] as number, output.height, output.width, output.channels];
  const convolved = graph.operation('BitwrightNormalizedDepthwise', {
    inputs: [...inputs, weight],
    attributes,
    outputs: [{ shape }],
  })[0] as GraphTensor;
  return {
    output: convolved,
    statistics,
    backward: (gradient) => {
      const gradients = graph.operation('BitwrightNormalizedDepthwiseGrad', {
        inputs: [...inputs, weight, gradient],
        attributes,
        outputs: [...normalizationGradients(input, parameters), { shape: weight.shape }],
      });
      const ofWeight = gradients[5] as GraphTensor;
      return { inputs: [gradients[0]], parameters: { ...namedGradients(graph, gradients, range), weight: ofWeight } };
    },
  };
}

/** Whether there is a kernel for it: one output a channel, 8 channels or more, 3 or 5 wide, no bias. */
export function canNormalizeItsInput(operation: Convolution, channels: number): boolean {
  const { groups, outChannels, kernelWidth, bias } = operation;
  const isDepthwise = groups === channels && outChannels === channels;
  return isDepthwise && channels >= 8 && (kernelWidth === 3 || kernelWidth === 5) && !bias;
}
