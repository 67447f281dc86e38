import type { Convolution, Padding, TensorShape } from '@bitwright/core';
import type { Attribute, GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { compute, integer, reduce, shapeOf } from './arithmetic.js';
import type { Gradients, OperationStep } from './operation-step.js';
import { pad } from './padding.js';

/** A convolution's tensors: input NHWC, weight HWIO (depthwise: height, width, channel, multiplier), bias `[out]`. */
export type ConvolutionInputs = {
  readonly input: GraphTensor;
  readonly weight: GraphTensor;
  readonly bias: GraphTensor | undefined;
};

/** Convolution of any kind: dense, depthwise, or grouped (as one dense convolution per group). */
export function convolution(
  graph: GraphBuilder,
  operation: Convolution,
  output: TensorShape,
  tensors: ConvolutionInputs,
): OperationStep {
  const channels = tensors.input.shape[3] as number;
  const shape = [tensors.input.shape[0] as number, output.height, output.width, output.channels];
  if (operation.groups === 1) return single(graph, 'dense', operation, shape, tensors);
  if (operation.groups === channels) return single(graph, 'depthwise', operation, shape, tensors);
  return grouped(graph, operation, shape, tensors);
}

export const NO_PADDING: Padding = { top: 0, left: 0, bottom: 0, right: 0 };

type Kind = 'dense' | 'depthwise';

const KERNELS = {
  dense: { forward: 'Conv2D', input: 'Conv2DBackpropInput', filter: 'Conv2DBackpropFilter' },
  depthwise: {
    forward: 'DepthwiseConv2dNative',
    input: 'DepthwiseConv2dNativeBackpropInput',
    filter: 'DepthwiseConv2dNativeBackpropFilter',
  },
} as const;

function single(
  graph: GraphBuilder,
  kind: Kind,
  operation: Convolution,
  shape: readonly number[],
  tensors: ConvolutionInputs,
): OperationStep {
  const { weight, bias } = tensors;
  const names = KERNELS[kind];
  const apart =
    paddingMode(operation, tensors.input.shape, shape) === 'EXPLICIT' &&
    // TensorFlow aborts when it fuses a bias into a convolution with explicit padding (2.21, explicit_paddings is lost),
    // and has only a slow kernel for the weight's gradient: a copy of an input smaller than the output is cheaper.
    (bias !== undefined || imageSize(tensors.input.shape) < imageSize(shape));
  const padded = pad(graph, apart ? operation.padding : NO_PADDING, tensors.input, 0);
  const input = padded.output;
  const attributes = convolutionAttributes(apart ? { ...operation, padding: NO_PADDING } : operation, input, shape);
  const run = (name: string, inputs: readonly GraphTensor[], outputShape: readonly number[]) =>
    graph.operation(name, {
      inputs,
      attributes,
      outputs: [{ dtype: input.dtype, shape: outputShape }],
    })[0] as GraphTensor;
  const convolved = run(names.forward, [input, weight], shape);
  const output = bias === undefined ? convolved : compute(graph, 'BiasAdd', [convolved, bias]);
  const backward = (gradient: GraphTensor, needsInput: boolean): Gradients => {
    const filterShape = shapeOf(graph, weight);
    const weightGradient = run(names.filter, [input, filterShape, gradient], weight.shape);
    const inputGradient = needsInput
      ? padded.backward(run(names.input, [shapeOf(graph, input), weight, gradient], input.shape))
      : undefined;
    const biasGradient = bias === undefined ? {} : { bias: compute(graph, 'BiasAddGrad', [gradient], bias.shape) };
    return { inputs: [inputGradient], parameters: { weight: weightGradient, ...biasGradient } };
  };
  return { output, backward };
}

const imageSize = (shape: readonly number[]) => shape.slice(1).reduce((product, length) => product * length, 1);

function convolutionAttributes(
  operation: Convolution,
  input: GraphTensor,
  output: readonly number[],
): Record<string, Attribute> {
  const padding = paddingMode(operation, input.shape, output);
  return {
    T: { type: input.dtype },
    strides: { ints: [1, operation.strideHeight, operation.strideWidth, 1] },
    dilations: { ints: [1, 1, 1, 1] },
    data_format: { text: 'NHWC' },
    padding: { text: padding },
    ...(padding === 'EXPLICIT' ? { explicit_paddings: { ints: explicitPaddings(operation.padding) } } : {}),
  };
}

const explicitPaddings = ({ top, bottom, left, right }: Padding) => [0, 0, top, bottom, left, right, 0, 0];

/** TensorFlow's name for a padding. SAME pads the end more than the beginning, so it serves only where it is the same. */
function paddingMode(
  operation: Convolution,
  input: readonly number[],
  output: readonly number[],
): 'SAME' | 'VALID' | 'EXPLICIT' {
  const { top, left, bottom, right } = operation.padding;
  if (top + left + bottom + right === 0) return 'VALID';
  const vertical = samePadding(input[1] as number, output[1] as number, operation.kernelHeight, operation.strideHeight);
  const horizontal = samePadding(input[2] as number, output[2] as number, operation.kernelWidth, operation.strideWidth);
  const isSame =
    vertical.before === top && vertical.after === bottom && horizontal.before === left && horizontal.after === right;
  return isSame ? 'SAME' : 'EXPLICIT';
}

function samePadding(input: number, output: number, kernel: number, stride: number): { before: number; after: number } {
  if (output !== Math.ceil(input / stride)) return { before: -1, after: -1 };
  const total = Math.max(0, (output - 1) * stride + kernel - input);
  return { before: Math.floor(total / 2), after: Math.ceil(total / 2) };
}

/** Splits input and weights by group; correct for any group count, made for few groups. */
function grouped(
  graph: GraphBuilder,
  operation: Convolution,
  shape: readonly number[],
  tensors: ConvolutionInputs,
): OperationStep {
  const { groups } = operation;
  const part = { ...operation, groups: 1, outChannels: operation.outChannels / groups };
  const partShape = [...shape.slice(0, 3), part.outChannels];
  const inputs = split(graph, tensors.input, groups);
  const weights = split(graph, tensors.weight, groups);
  const steps = inputs.map((input, index) =>
    single(graph, 'dense', part, partShape, { input, weight: weights[index] as GraphTensor, bias: undefined }),
  );
  const joined = join(
    graph,
    steps.map((step) => step.output),
  );
  const { bias } = tensors;
  const output = bias === undefined ? joined : compute(graph, 'BiasAdd', [joined, bias]);
  const backward = (gradient: GraphTensor, needsInput: boolean): Gradients => {
    const gradients = split(graph, gradient, groups).map(
      (slice, index) => steps[index]?.backward(slice, needsInput) as Gradients,
    );
    const weight = join(
      graph,
      gradients.map(({ parameters }) => parameters['weight'] as GraphTensor),
    );
    const input = needsInput
      ? join(
          graph,
          gradients.map((entry) => entry.inputs[0] as GraphTensor),
        )
      : undefined;
    const biasGradient = bias === undefined ? {} : { bias: reduce(graph, 'Sum', gradient, [0, 1, 2]) };
    return { inputs: [input], parameters: { weight, ...biasGradient } };
  };
  return { output, backward };
}

function split(graph: GraphBuilder, tensor: GraphTensor, parts: number): readonly GraphTensor[] {
  const shape = [...tensor.shape.slice(0, -1), (tensor.shape.at(-1) as number) / parts];
  const inputs = [integer(graph, tensor.shape.length - 1), tensor];
  const { dtype } = tensor;
  const attributes = { T: { type: dtype }, num_split: { int: parts } } as const;
  const outputs = Array.from({ length: parts }, () => ({ dtype, shape }));
  return graph.operation('Split', { inputs, attributes, outputs });
}

function join(graph: GraphBuilder, tensors: readonly GraphTensor[]): GraphTensor {
  const first = tensors[0] as GraphTensor;
  const shape = [...first.shape.slice(0, -1), (first.shape.at(-1) as number) * tensors.length];
  const inputs = [...tensors, integer(graph, first.shape.length - 1)];
  const { dtype } = first;
  const attributes = { T: { type: dtype }, Tidx: { type: 'int32' }, N: { int: tensors.length } } as const;
  return graph.operation('ConcatV2', { inputs, attributes, outputs: [{ dtype, shape }] })[0] as GraphTensor;
}
