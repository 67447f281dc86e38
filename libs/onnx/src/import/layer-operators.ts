import type { ParameterTensor } from '@bitwright/core';
import { reorderColumns } from '../feature-order.js';
import type { NodeProto } from '../gen/onnx/onnx.js';
import { readFloat, readInt } from '../wire/attributes.js';
import { elementCount, readFloatTensor } from '../wire/tensors.js';
import { type GraphReader, nodeError, type TensorValue } from './graph-reader.js';
import { readWindow } from './window.js';

/** Conv: dense, grouped or depthwise, with or without bias. */
export function readConvolution(reader: GraphReader, node: NodeProto): void {
  const input = requireRank4(node, reader.tensor(node, 0));
  const weight = requireConstant(reader, node, 1, 'weight');
  const groups = readInt(node, 'group', 1);
  const [outChannels = 0, channelsPerGroup = 0, kernelHeight = 0, kernelWidth = 0] = weight.shape;
  if (weight.shape.length !== 4 || channelsPerGroup * groups !== input.shape.channels || outChannels % groups !== 0) {
    const found = `${weight.shape.join(' x ')} in ${groups} groups`;
    throw nodeError('MODEL_GRAPH', node, `its weight is ${found}, its input has ${input.shape.channels} channels`);
  }
  const window = readWindow(node, input.shape, [kernelHeight, kernelWidth]);
  if (window.kernelHeight !== kernelHeight || window.kernelWidth !== kernelWidth) {
    throw nodeError('MODEL_GRAPH', node, 'its kernel_shape is not that of its weight');
  }
  const bias = optionalVector(reader, node, 2, outChannels);
  const operation = { kind: 'convolution', outChannels, ...window, groups, bias: bias !== undefined } as const;
  const id = reader.append(node, operation, [input], 4);
  reader.setParameter(id, 'weight', weight);
  if (bias !== undefined) reader.setParameter(id, 'bias', bias);
}

/** Gemm with a stored weight: a fully connected layer. */
export function readGemm(reader: GraphReader, node: NodeProto): void {
  const isPlain =
    readFloat(node, 'alpha', 1) === 1 && readFloat(node, 'beta', 1) === 1 && readInt(node, 'transA', 0) === 0;
  if (!isPlain) throw nodeError('MODEL_UNSUPPORTED', node, 'alpha, beta and transA must be 1, 1 and 0');
  const stored = requireConstant(reader, node, 1, 'weight');
  readFullyConnected(reader, node, readInt(node, 'transB', 0) === 1 ? stored : transpose(stored));
}

/** MatMul with a stored weight `[in, out]`: a fully connected layer; an Add after it gives the bias. */
export function readMatMul(reader: GraphReader, node: NodeProto): void {
  readFullyConnected(reader, node, transpose(requireConstant(reader, node, 1, 'weight')));
}

function readFullyConnected(reader: GraphReader, node: NodeProto, weight: ParameterTensor): void {
  const input = reader.tensor(node, 0);
  const [outFeatures = 0, inFeatures = 0] = weight.shape;
  const features = elementCount([input.shape.height, input.shape.width, input.shape.channels]);
  if (input.rank !== 2) throw nodeError('MODEL_GRAPH', node, 'its input is an image, not a vector; flatten it first');
  if (weight.shape.length !== 2 || inFeatures !== features) {
    throw nodeError('MODEL_GRAPH', node, `its weight reads ${inFeatures} features, its input has ${features}`);
  }
  const bias = optionalVector(reader, node, 2, outFeatures);
  const id = reader.append(node, { kind: 'fully-connected', outFeatures, bias: bias !== undefined }, [input], 2);
  const { flattened } = input;
  reader.setParameter(id, 'weight', flattened === undefined ? weight : reorderColumns(weight, flattened, 'core'));
  if (bias !== undefined) reader.setParameter(id, 'bias', bias);
}

/** BatchNormalization with stored statistics. */
export function readBatchNormalization(reader: GraphReader, node: NodeProto): void {
  if (readInt(node, 'training_mode', 0) !== 0)
    throw nodeError('MODEL_UNSUPPORTED', node, 'export the model for inference');
  const input = reader.tensor(node, 0);
  if (input.flattened !== undefined) {
    throw nodeError('MODEL_UNSUPPORTED', node, 'normalizing the features of a flattened image is not supported');
  }
  const epsilon = shortestDecimal(readFloat(node, 'epsilon', 1e-5));
  const roles = ['scale', 'shift', 'mean', 'variance'];
  const vectors = roles.map((role, index) => {
    const vector = optionalVector(reader, node, index + 1, input.shape.channels);
    if (vector === undefined) throw nodeError('MODEL_GRAPH', node, `its ${role} is not a stored tensor`);
    return vector;
  });
  const id = reader.append(node, { kind: 'batch-normalization', epsilon }, [input], input.rank);
  roles.forEach((role, index) => {
    reader.setParameter(id, role, vectors[index] as ParameterTensor);
  });
}

/** Reads a stored vector of this length, whatever dimensions of size 1 it has. */
export function readVector(reader: GraphReader, name: string | undefined, length: number): ParameterTensor | undefined {
  const tensor = reader.constant(name);
  if (tensor === undefined || elementCount(tensor.dims) !== length) return undefined;
  return { shape: [length], values: readFloatTensor(tensor).values };
}

function optionalVector(
  reader: GraphReader,
  node: NodeProto,
  position: number,
  length: number,
): ParameterTensor | undefined {
  const name = node.input[position];
  if (name === undefined || name === '') return undefined;
  const vector = readVector(reader, name, length);
  if (vector === undefined)
    throw nodeError('MODEL_GRAPH', node, `its input "${name}" is no stored vector of ${length} values`);
  return vector;
}

function requireConstant(reader: GraphReader, node: NodeProto, position: number, role: string): ParameterTensor {
  const tensor = reader.constant(node.input[position]);
  if (tensor === undefined)
    throw nodeError('MODEL_UNSUPPORTED', node, `its ${role} is computed; only stored ones are supported`);
  return readFloatTensor(tensor);
}

function requireRank4(node: NodeProto, value: TensorValue): TensorValue {
  if (value.rank === 4) return value;
  throw nodeError('MODEL_GRAPH', node, 'its input is a vector, not an image');
}

function transpose({ shape, values }: ParameterTensor): ParameterTensor {
  const [rows = 0, columns = 0] = shape;
  const transposed = new Float32Array(values.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      transposed[column * rows + row] = values[row * columns + column] as number;
    }
  }
  return { shape: [columns, rows, ...shape.slice(2)], values: transposed };
}

/** The number that was meant: the shortest decimal with the same float32, so that 1e-5 stays 1e-5. */
function shortestDecimal(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}
