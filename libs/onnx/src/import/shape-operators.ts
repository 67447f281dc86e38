import type { NodeProto } from '../gen/onnx/onnx.js';
import { readInt, readInts, readTensor } from '../wire/attributes.js';
import { elementCount, readIntegerTensor } from '../wire/tensors.js';
import { type GraphReader, nodeError, type TensorValue } from './graph-reader.js';

/** Operators that give back their first input at inference: Identity, Dropout. */
export function readAlias(reader: GraphReader, node: NodeProto): void {
  const stored = reader.constant(node.input[0]);
  if (stored !== undefined) reader.addConstant(node.output[0] as string, stored);
  else reader.define(node.output[0] as string, reader.value(node, 0));
}

/** Softmax changes no class's rank; it is dropped where it ends the network. */
export function readFinalSoftmax(reader: GraphReader, node: NodeProto): void {
  if (!reader.outputs.has(node.output[0] as string)) {
    throw nodeError('MODEL_UNSUPPORTED', node, 'it is supported as the last node only');
  }
  readAlias(reader, node);
}

/** Constant: a stored tensor. */
export function readConstant(reader: GraphReader, node: NodeProto): void {
  const tensor = readTensor(node, 'value');
  if (tensor === undefined)
    throw nodeError('MODEL_UNSUPPORTED', node, 'only constants that hold a tensor are supported');
  reader.addConstant(node.output[0] as string, { ...tensor, name: node.output[0] as string });
}

/** Shape, Gather, Concat, … of sizes: exporters compute the target of a Reshape with them. */
export function readSizes(reader: GraphReader, node: NodeProto): void {
  const isShape = node.opType === 'Shape';
  const readsSizes = node.input.every(
    (name, position) => name === '' || reader.constant(name) !== undefined || isSizes(reader, node, position),
  );
  if (!isShape && !readsSizes) throw nodeError('MODEL_UNSUPPORTED', node, 'it is supported for computing sizes only');
  reader.define(node.output[0] as string, { kind: 'sizes' });
}

/** Cast of a stored tensor to the type it has, or of sizes. */
export function readCast(reader: GraphReader, node: NodeProto): void {
  const stored = reader.constant(node.input[0]);
  if (stored !== undefined && stored.dataType === readInt(node, 'to', 0)) readAlias(reader, node);
  else readSizes(reader, node);
}

const isSizes = (reader: GraphReader, node: NodeProto, position: number) =>
  reader.value(node, position).kind === 'sizes';

/** Flatten to one vector for each image. */
export function readFlatten(reader: GraphReader, node: NodeProto): void {
  const axis = readInt(node, 'axis', 1);
  const input = reader.tensor(node, 0);
  if (axis !== 1 && axis !== 1 - input.rank)
    throw nodeError('MODEL_UNSUPPORTED', node, `axis ${axis} is not supported, only 1`);
  flatten(reader, node, input);
}

/** Reshape that flattens each image. */
export function readReshape(reader: GraphReader, node: NodeProto): void {
  const input = reader.tensor(node, 0);
  if (!isFlattening(reader, node, input)) {
    throw nodeError('MODEL_UNSUPPORTED', node, 'only reshaping to batch x features is supported');
  }
  flatten(reader, node, input);
}

/** Computed sizes come from exporters that write "batch, -1". */
function isFlattening(reader: GraphReader, node: NodeProto, { shape }: TensorValue): boolean {
  const stored = reader.constant(node.input[1]);
  if (stored === undefined) return isSizes(reader, node, 1);
  const target = readIntegerTensor(stored);
  const features = elementCount([shape.height, shape.width, shape.channels]);
  return target.length === 2 && (target[1] === -1 || target[1] === features);
}

/** Squeeze of the height and width of 1 x 1 images. */
export function readSqueeze(reader: GraphReader, node: NodeProto): void {
  const input = reader.tensor(node, 0);
  const axes = readAxes(reader, node);
  if (!isSpatial(axes) || input.shape.height * input.shape.width !== 1) {
    throw nodeError('MODEL_UNSUPPORTED', node, 'only squeezing height and width of size 1 is supported');
  }
  flatten(reader, node, input);
}

/** GlobalAveragePool, or ReduceMean over height and width. */
export function readGlobalAveragePool(reader: GraphReader, node: NodeProto): void {
  reader.append(node, { kind: 'global-average-pool' }, [reader.tensor(node, 0)], 4);
}

export function readReduceMean(reader: GraphReader, node: NodeProto): void {
  const input = reader.tensor(node, 0);
  if (!isSpatial(readAxes(reader, node)) || input.rank !== 4) {
    throw nodeError('MODEL_UNSUPPORTED', node, 'only the mean over height and width (axes 2 and 3) is supported');
  }
  reader.append(node, { kind: 'global-average-pool' }, [input], readInt(node, 'keepdims', 1) === 1 ? 4 : 2);
}

/** Axes are an attribute in older operator sets and an input in newer ones. */
function readAxes(reader: GraphReader, node: NodeProto): readonly number[] {
  const stored = reader.constant(node.input[1]);
  return stored === undefined ? readInts(node, 'axes', []) : readIntegerTensor(stored);
}

function isSpatial(axes: readonly number[]): boolean {
  const positive = axes.map((axis) => (axis < 0 ? axis + 4 : axis)).sort();
  return positive.length === 2 && positive[0] === 2 && positive[1] === 3;
}

/** A 1 x 1 image already is its vector of features; a larger one needs a node. */
function flatten(reader: GraphReader, node: NodeProto, input: TensorValue): void {
  if (input.shape.height * input.shape.width === 1) reader.define(node.output[0] as string, { ...input, rank: 2 });
  else reader.append(node, { kind: 'flatten' }, [input], 2);
}
