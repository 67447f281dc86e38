import type { NetworkNode } from '@bitwright/core';
import {
  type IntegerGraph,
  type IntegerKernel,
  type IntegerNode,
  type IntegerParameters,
  type TensorFormat,
  zeroPointOf,
} from '@bitwright/hago';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { toTensorflowShape, toTensorflowValues } from '../network/parameter-layout.js';
import { add, calculate, cast, integers, reshape } from '../operations/arithmetic.js';
import { convolution } from '../operations/convolution.js';
import { flatten } from '../operations/fully-connected.js';
import { pool } from '../operations/pooling.js';
import { emitBounds } from './emit-conversion.js';
import type { GraphFeeds } from './graph-feeds.js';
import { clip, containerOf, fusedMultiplyAdd, roundBetween, wrapAround } from './integer-operations.js';
import { needsFloat64 } from './structure.js';

export type KernelEmission = {
  readonly graph: GraphBuilder;
  readonly feeds: GraphFeeds;
  readonly node: IntegerNode;
  readonly kernel: IntegerKernel;
  readonly inputs: readonly GraphTensor[];
  /** The same kernel in another graph of the same structure. */
  readonly find: (graph: IntegerGraph) => IntegerKernel;
};

/** A node that computes on codes; gives the codes that its readers get. */
export function emitKernel(emission: KernelEmission): GraphTensor {
  const { graph, node, kernel, inputs } = emission;
  const { operation } = node.node;
  if (operation.kind === 'add' && kernel.requantization !== undefined) return emitRescalingAdd(emission);
  const result = emitOperation(emission);
  if (kernel.requantization !== undefined) return emitRequantization(emission, result);
  if (kernel.limits !== undefined) return emitLimits(emission, inputs[0] as GraphTensor);
  const isSum = operation.kind !== 'max-pool' && operation.kind !== 'flatten';
  // Before it wraps around a sum may be larger than the container of its type holds.
  const held = isSum ? wrapAround(graph, cast(graph, result, WIDEST), kernel.type) : result;
  return cast(graph, held, containerOf(kernel.type));
}

/** Holds every sum exactly, whatever type it is kept in. */
const WIDEST = 'float64';

function emitOperation(emission: KernelEmission): GraphTensor {
  const { graph, node, inputs } = emission;
  const [input, other] = inputs as [GraphTensor, GraphTensor];
  const { operation, output } = node.node;
  switch (operation.kind) {
    case 'convolution':
    case 'fully-connected':
      return emitLayer(emission, input);
    case 'add':
      return calculate(graph, 'AddV2', [cast(graph, input, WIDEST), cast(graph, other, WIDEST)]);
    case 'global-average-pool':
      return sumOverPixels(graph, input);
    case 'max-pool':
      return pool(graph, operation, input, output).output;
    case 'flatten':
      return flatten(graph, input).output;
    default:
      return input;
  }
}

/** Sums of products and the bias, exact: in float64 where float32 could not hold them. */
function emitLayer(emission: KernelEmission, input: GraphTensor): GraphTensor {
  const { graph, feeds, node, kernel, find } = emission;
  const parameters = kernel.parameters as IntegerParameters;
  const dtype = needsFloat64(node) ? 'float64' : 'float32';
  const weight = feeds.tensor('float32', toTensorflowShape(node.node, parameters.shape), (other) =>
    toTensorflowValues(codesAsFloats(find(other))),
  );
  const tensors = { input: cast(graph, input, dtype), weight: cast(graph, weight, dtype), bias: undefined };
  const products = emitProducts(graph, node.node, tensors);
  if (parameters.bias === undefined) return products;
  const channels = parameters.shape[0] as number;
  const bias = feeds.tensor('int32', [channels], (other) => find(other).parameters?.bias ?? new Int32Array(channels));
  return calculate(graph, 'AddV2', [products, cast(graph, bias, dtype)]);
}

type LayerTensors = { readonly input: GraphTensor; readonly weight: GraphTensor; readonly bias: undefined };

function emitProducts(graph: GraphBuilder, { operation, output }: NetworkNode, tensors: LayerTensors): GraphTensor {
  if (operation.kind === 'convolution') return convolution(graph, operation, output, tensors).output;
  const { input, weight } = tensors;
  const batch = input.shape[0] as number;
  const [inFeatures = 1, outFeatures = 1] = weight.shape;
  const attributes = { T: { type: input.dtype }, transpose_a: { bool: false }, transpose_b: { bool: false } } as const;
  const product = graph.operation('MatMul', {
    inputs: [reshape(graph, input, [batch, inFeatures]), weight],
    attributes,
    outputs: [{ dtype: input.dtype, shape: [batch, outFeatures] }],
  })[0] as GraphTensor;
  return reshape(graph, product, [batch, 1, 1, outFeatures]);
}

function codesAsFloats({ parameters }: IntegerKernel) {
  const { shape, codes } = parameters as IntegerParameters;
  return { shape, values: Float32Array.from(codes) };
}

function sumOverPixels(graph: GraphBuilder, input: GraphTensor): GraphTensor {
  const [batch = 1, , , channels = 1] = input.shape;
  const { dtype } = input;
  const attributes = { T: { type: dtype }, Tidx: { type: 'int32' }, keep_dims: { bool: true } } as const;
  const outputs = [{ dtype, shape: [batch, 1, 1, channels] }];
  return graph.operation('Sum', { inputs: [input, integers(graph, [1, 2])], attributes, outputs })[0] as GraphTensor;
}

/** Accumulator to float32, times the multiplier in float32, rounded, clipped: as ONNX Runtime's kernels end. */
function emitRequantization({ graph, feeds, kernel, find }: KernelEmission, sum: GraphTensor): GraphTensor {
  const count = kernel.requantization?.multipliers.length ?? 1;
  const multipliers = feeds.tensor('float32', count === 1 ? [] : [count], (other) => multipliersOf(find(other)));
  const steps = calculate(graph, 'Mul', [cast(graph, sum, 'float32'), multipliers]);
  return roundBetween(
    graph,
    steps,
    emitBounds(feeds, (other) => rangeOf(find(other))),
  );
}

/**
 * ONNX Runtime's addition of two tensors of other scales: both on unsigned bytes, each multiplied and added to what the zero
 * points come to, the second first, one rounding a step.
 */
function emitRescalingAdd({ graph, feeds, node, inputs, find }: KernelEmission): GraphTensor {
  const zeros = [...node.inputs.map(({ format }) => format), node.output].map(zeroOf);
  const constant = (value: number) => graph.constant(Float32Array.of(value), []);
  const multiplier = (operand: number) =>
    feeds.tensor('float32', [], (other) => multipliersOf(find(other)).subarray(operand, operand + 1));
  const fixed = feeds.tensor('float32', [], (other) => {
    const [first = 0, second = 0] = multipliersOf(find(other));
    const [a = 0, b = 0, out = 0] = zeros;
    return Float32Array.of(out - Math.fround(Math.fround(first * a) + Math.fround(second * b)));
  });
  const bytes = inputs.map((input, operand) => add(graph, input, constant(zeros[operand] as number)));
  const partial = fusedMultiplyAdd(graph, bytes[1] as GraphTensor, multiplier(1), fixed);
  const steps = fusedMultiplyAdd(graph, bytes[0] as GraphTensor, multiplier(0), partial);
  const rounded = calculate(graph, 'Round', [steps]);
  const codes = calculate(graph, 'Sub', [rounded, constant(zeros[2] as number)]);
  return clip(
    graph,
    codes,
    emitBounds(feeds, (other) => rangeOf(find(other))),
  );
}

const zeroOf = (format: TensorFormat) => (format.kind === 'integer' ? zeroPointOf(format) : 0);
const multipliersOf = (kernel: IntegerKernel) => kernel.requantization?.multipliers ?? new Float32Array(1);
const rangeOf = (kernel: IntegerKernel) => kernel.requantization?.range ?? { lowest: 0, highest: 0 };

const HIGHEST_INT32 = 2 ** 31 - 1;

/** Keeps codes between limits, one pair or one for each channel. */
function emitLimits({ graph, feeds, kernel, find }: KernelEmission, input: GraphTensor): GraphTensor {
  const count = kernel.limits?.highest.length ?? 1;
  const limit = (role: 'lowest' | 'highest') =>
    feeds.tensor('int32', count === 1 ? [] : [count], (other) =>
      Int32Array.from(find(other).limits?.[role] ?? [0], (code) => Math.min(code, HIGHEST_INT32)),
    );
  return clip(graph, input, { lowest: limit('lowest'), highest: limit('highest') });
}
