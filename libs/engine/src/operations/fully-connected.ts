import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { compute, matrixProduct, reshape } from './arithmetic.js';
import { type OperationStep, onlyInput } from './operation-step.js';

/** A matrix product over the channels of an N x 1 x 1 x C tensor; weight `[in, out]`, bias `[out]`; gives N x 1 x 1 x out. */
export function fullyConnected(
  graph: GraphBuilder,
  input: GraphTensor,
  weight: GraphTensor,
  bias: GraphTensor | undefined,
): OperationStep {
  const batch = input.shape[0] as number;
  const [inFeatures = 1, outFeatures = 1] = weight.shape;
  const rows = reshape(graph, input, [batch, inFeatures]);
  const product = matrixProduct(graph, rows, weight, [batch, outFeatures]);
  const sum = bias === undefined ? product : compute(graph, 'BiasAdd', [product, bias]);
  return {
    output: reshape(graph, sum, [batch, 1, 1, outFeatures]),
    backward: (gradient, needsInput) => {
      const flat = reshape(graph, gradient, [batch, outFeatures]);
      const weightGradient = matrixProduct(graph, rows, flat, weight.shape, 'first');
      const inputGradient = needsInput ? matrixProduct(graph, flat, weight, rows.shape, 'second') : undefined;
      const biasGradient = bias === undefined ? {} : { bias: compute(graph, 'BiasAddGrad', [flat], bias.shape) };
      const back = inputGradient === undefined ? undefined : reshape(graph, inputGradient, input.shape);
      return { inputs: [back], parameters: { weight: weightGradient, ...biasGradient } };
    },
  };
}

/** To a vector per image, in the order height, width, channel. */
export function flatten(graph: GraphBuilder, input: GraphTensor): OperationStep {
  const [batch = 1, height = 1, width = 1, channels = 1] = input.shape;
  const output = reshape(graph, input, [batch, 1, 1, height * width * channels]);
  return { output, backward: (gradient) => onlyInput(reshape(graph, gradient, input.shape)) };
}
