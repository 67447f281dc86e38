import type { DataType, GraphBuilder, GraphTensor } from '@bitwright/tensor';

const FLOAT = { T: { type: 'float32' } } as const;

/** The same numbers as another type, cut towards zero where they become whole. */
export function cast(graph: GraphBuilder, tensor: GraphTensor, dtype: DataType): GraphTensor {
  if (tensor.dtype === dtype) return tensor;
  const attributes = { SrcT: { type: tensor.dtype }, DstT: { type: dtype }, Truncate: { bool: false } } as const;
  const outputs = [{ dtype, shape: tensor.shape }];
  return graph.operation('Cast', { inputs: [tensor], attributes, outputs })[0] as GraphTensor;
}

/** One-output operations of floats, also of 64 bits; the type is the first input's, and so is the shape unless given. */
export function calculate(
  graph: GraphBuilder,
  name: string,
  inputs: readonly GraphTensor[],
  shape: readonly number[] = (inputs[0] as GraphTensor).shape,
): GraphTensor {
  const { dtype } = inputs[0] as GraphTensor;
  return graph.operation(name, {
    inputs,
    attributes: { T: { type: dtype } },
    outputs: [{ dtype, shape }],
  })[0] as GraphTensor;
}

/** One-output operations of floats, by TensorFlow's name; the result has `shape`, by default the first input's. */
export function compute(
  graph: GraphBuilder,
  name: string,
  inputs: readonly GraphTensor[],
  shape: readonly number[] = (inputs[0] as GraphTensor).shape,
): GraphTensor {
  return graph.operation(name, { inputs, attributes: FLOAT, outputs: [{ shape }] })[0] as GraphTensor;
}

export const add = (graph: GraphBuilder, a: GraphTensor, b: GraphTensor) => compute(graph, 'AddV2', [a, b]);
export const subtract = (graph: GraphBuilder, a: GraphTensor, b: GraphTensor) => compute(graph, 'Sub', [a, b]);
export const multiply = (graph: GraphBuilder, a: GraphTensor, b: GraphTensor) => compute(graph, 'Mul', [a, b]);

/** A constant scalar, or vector when given an array. */
export function floats(graph: GraphBuilder, value: number | readonly number[]): GraphTensor {
  if (typeof value === 'number') return graph.constant(Float32Array.of(value), []);
  return graph.constant(Float32Array.from(value), [value.length]);
}

export const integers = (graph: GraphBuilder, values: readonly number[]): GraphTensor =>
  graph.constant(Int32Array.from(values), [values.length]);

export const integer = (graph: GraphBuilder, value: number): GraphTensor => graph.constant(Int32Array.of(value), []);

/** The sum of tensors of one shape. */
export function sumOf(graph: GraphBuilder, tensors: readonly GraphTensor[]): GraphTensor {
  const first = tensors[0] as GraphTensor;
  if (tensors.length === 1) return first;
  const attributes = { ...FLOAT, N: { int: tensors.length } };
  return graph.operation('AddN', { inputs: tensors, attributes, outputs: [{ shape: first.shape }] })[0] as GraphTensor;
}

/** The sum (or mean) over some axes; the axes vanish. */
export function reduce(
  graph: GraphBuilder,
  kind: 'Sum' | 'Mean',
  tensor: GraphTensor,
  axes: readonly number[],
): GraphTensor {
  const shape = tensor.shape.filter((_, axis) => !axes.includes(axis));
  const attributes = { ...FLOAT, Tidx: { type: 'int32' }, keep_dims: { bool: false } } as const;
  const inputs = [tensor, integers(graph, axes)];
  return graph.operation(kind, { inputs, attributes, outputs: [{ shape }] })[0] as GraphTensor;
}

/** Same values, other shape; -1 stands for what is left (the batch). */
export function reshape(graph: GraphBuilder, tensor: GraphTensor, shape: readonly number[]): GraphTensor {
  const attributes = { T: { type: tensor.dtype }, Tshape: { type: 'int32' } } as const;
  const inputs = [tensor, integers(graph, shape)];
  return graph.operation('Reshape', {
    inputs,
    attributes,
    outputs: [{ dtype: tensor.dtype, shape }],
  })[0] as GraphTensor;
}

/** The shape of a tensor as a tensor, known when the graph runs. */
export function shapeOf(graph: GraphBuilder, tensor: GraphTensor): GraphTensor {
  if (!tensor.shape.includes(-1)) return integers(graph, tensor.shape);
  const attributes = { T: { type: tensor.dtype }, out_type: { type: 'int32' } } as const;
  const outputs = [{ dtype: 'int32', shape: [tensor.shape.length] }] as const;
  return graph.operation('Shape', { inputs: [tensor], attributes, outputs })[0] as GraphTensor;
}

/** a b, with one of the two transposed if asked. */
export function matrixProduct(
  graph: GraphBuilder,
  a: GraphTensor,
  b: GraphTensor,
  shape: readonly number[] = [a.shape[0] as number, b.shape[1] as number],
  transposed?: 'first' | 'second',
): GraphTensor {
  const attributes = {
    T: { type: 'float32' },
    transpose_a: { bool: transposed === 'first' },
    transpose_b: { bool: transposed === 'second' },
  } as const;
  return graph.operation('MatMul', { inputs: [a, b], attributes, outputs: [{ shape }] })[0] as GraphTensor;
}
