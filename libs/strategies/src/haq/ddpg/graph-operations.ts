import type { GraphBuilder, GraphTensor, Variable } from '@bitwright/tensor';
import type { ParameterLayout } from './parameters.js';

const FLOAT = { T: { type: 'float32' } } as const;

const rows = (tensor: GraphTensor) => tensor.shape[0] as number;
const columns = (tensor: GraphTensor) => tensor.shape[1] as number;

function one(
  graph: GraphBuilder,
  name: string,
  inputs: readonly GraphTensor[],
  shape: readonly number[],
  attributes: Parameters<GraphBuilder['operation']>[1]['attributes'] = FLOAT,
): GraphTensor {
  return graph.operation(name, { inputs, attributes, outputs: [{ shape }] })[0] as GraphTensor;
}

/** The parameters of a flat vector, by name. */
export function unpack(
  graph: GraphBuilder,
  flat: GraphTensor,
  layout: ParameterLayout,
): Readonly<Record<string, GraphTensor>> {
  const entries = layout.parameters.map(({ name, shape, offset, size }) => {
    const range = [graph.constant(Int32Array.of(offset), [1]), graph.constant(Int32Array.of(size), [1])];
    const part = one(graph, 'Slice', [flat, ...range], [size], { ...FLOAT, Index: { type: 'int32' } });
    return [name, reshape(graph, part, shape)] as const;
  });
  return Object.fromEntries(entries);
}

/** The reverse of {@link unpack}. */
export function pack(
  graph: GraphBuilder,
  parts: Readonly<Record<string, GraphTensor>>,
  layout: ParameterLayout,
): GraphTensor {
  const flat = layout.parameters.map(({ name, size }) => reshape(graph, parts[name] as GraphTensor, [size]));
  const attributes = { ...FLOAT, N: { int: flat.length }, Tidx: { type: 'int32' } } as const;
  return one(graph, 'ConcatV2', [...flat, graph.constant(Int32Array.of(0), [])], [layout.size], attributes);
}

function reshape(graph: GraphBuilder, tensor: GraphTensor, shape: readonly number[]): GraphTensor {
  if (shape.length === tensor.shape.length) return tensor;
  const target = graph.constant(Int32Array.from(shape), [shape.length]);
  return one(graph, 'Reshape', [tensor, target], shape, { ...FLOAT, Tshape: { type: 'int32' } });
}

/** x W + b. */
export function linear(graph: GraphBuilder, x: GraphTensor, weight: GraphTensor, bias: GraphTensor): GraphTensor {
  return one(graph, 'BiasAdd', [matmul(graph, x, weight), bias], [rows(x), columns(weight)]);
}

/** relu(x W + b), in one kernel. */
export function linearRelu(graph: GraphBuilder, x: GraphTensor, weight: GraphTensor, bias: GraphTensor): GraphTensor {
  const attributes = { ...FLOAT, num_args: { int: 1 }, fused_ops: { texts: ['BiasAdd', 'Relu'] } } as const;
  return one(graph, '_FusedMatMul', [x, weight, bias], [rows(x), columns(weight)], attributes);
}

export function matmul(
  graph: GraphBuilder,
  a: GraphTensor,
  b: GraphTensor,
  transpose: 'a' | 'b' | 'none' = 'none',
): GraphTensor {
  const shape = [transpose === 'a' ? columns(a) : rows(a), transpose === 'b' ? rows(b) : columns(b)];
  const attributes = { ...FLOAT, transpose_a: { bool: transpose === 'a' }, transpose_b: { bool: transpose === 'b' } };
  return one(graph, 'MatMul', [a, b], shape, attributes);
}

/** Element by element, `b` broadcast: `a + b`, `a - b`, `a b`, `(a - b)^2`. */
export function elementwise(
  graph: GraphBuilder,
  name: 'AddV2' | 'Sub' | 'Mul' | 'SquaredDifference',
  a: GraphTensor,
  b: GraphTensor,
): GraphTensor {
  return one(graph, name, [a, b], a.shape);
}

export const relu = (graph: GraphBuilder, x: GraphTensor) => one(graph, 'Relu', [x], x.shape);
export const sigmoid = (graph: GraphBuilder, x: GraphTensor) => one(graph, 'Sigmoid', [x], x.shape);

/** Gradient through relu(x), given its output. */
export const reluGradient = (graph: GraphBuilder, gradient: GraphTensor, output: GraphTensor) =>
  one(graph, 'ReluGrad', [gradient, output], gradient.shape);

/** Gradient through sigmoid(x), given its output. */
export const sigmoidGradient = (graph: GraphBuilder, gradient: GraphTensor, output: GraphTensor) =>
  one(graph, 'SigmoidGrad', [output, gradient], gradient.shape);

/** Gradient of a bias: the sum over the batch. */
export const biasGradient = (graph: GraphBuilder, gradient: GraphTensor) =>
  one(graph, 'BiasAddGrad', [gradient], [columns(gradient)]);

export function mean(graph: GraphBuilder, tensor: GraphTensor): GraphTensor {
  const axes = graph.constant(Int32Array.of(0, 1), [2]);
  return one(graph, 'Mean', [tensor, axes], [], { ...FLOAT, keep_dims: { bool: false }, Tidx: { type: 'int32' } });
}

export const scalar = (graph: GraphBuilder, value: number) => graph.constant(Float32Array.of(value), []);

/** target <- (1 - τ) target + τ source. */
export function moveTowards(graph: GraphBuilder, target: Variable, source: GraphTensor, rate: number): string {
  const difference = elementwise(graph, 'Sub', graph.read(target), source);
  const inputs = [elementwise(graph, 'Mul', difference, scalar(graph, rate))];
  return graph.update('AssignSubVariableOp', [target], { inputs, attributes: { dtype: { type: 'float32' } } });
}
