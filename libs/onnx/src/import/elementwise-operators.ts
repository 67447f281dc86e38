import type { NodeProto } from '../gen/onnx/onnx.js';
import { readInt } from '../wire/attributes.js';
import { readFloatTensor } from '../wire/tensors.js';
import { type GraphReader, nodeError, type TensorValue } from './graph-reader.js';
import { readVector } from './layer-operators.js';
import { readWindow } from './window.js';

export function readRelu(reader: GraphReader, node: NodeProto): void {
  const input = reader.tensor(node, 0);
  reader.append(node, { kind: 'relu' }, [input], input.rank);
}

/** Clip to 0..6, or from 0 upwards. */
export function readClip(reader: GraphReader, node: NodeProto): void {
  const input = reader.tensor(node, 0);
  const lowest = readBound(reader, node, 1, Number.NEGATIVE_INFINITY);
  const highest = readBound(reader, node, 2, Number.POSITIVE_INFINITY);
  if (lowest === 0 && highest === 6) reader.append(node, { kind: 'relu6' }, [input], input.rank);
  else if (lowest === 0 && highest > 3e38) reader.append(node, { kind: 'relu' }, [input], input.rank);
  else throw nodeError('MODEL_UNSUPPORTED', node, `clipping to ${lowest}..${highest} is not supported, only to 0..6`);
}

function readBound(reader: GraphReader, node: NodeProto, position: number, standard: number): number {
  const name = node.input[position];
  if (name === undefined || name === '') return standard;
  const stored = reader.constant(name);
  if (stored === undefined)
    throw nodeError('MODEL_UNSUPPORTED', node, 'its bounds are computed; only stored ones are supported');
  return readFloatTensor(stored).values[0] as number;
}

/** The sum of two tensors of one shape, or a bias for the layer before. */
export function readAdd(reader: GraphReader, node: NodeProto): void {
  const stored = node.input.findIndex((name) => reader.constant(name) !== undefined);
  if (stored >= 0) readBias(reader, node, reader.tensor(node, 1 - stored), node.input[stored]);
  else readSum(reader, node);
}

function readSum(reader: GraphReader, node: NodeProto): void {
  const [left, right] = [reader.tensor(node, 0), reader.tensor(node, 1)];
  if (left.rank !== right.rank || shapeText(left) !== shapeText(right)) {
    throw nodeError(
      'MODEL_UNSUPPORTED',
      node,
      `it adds ${shapeText(left)} and ${shapeText(right)}; only equal shapes are supported`,
    );
  }
  if (left.flattened !== undefined || right.flattened !== undefined) {
    throw nodeError('MODEL_UNSUPPORTED', node, 'adding flattened images is not supported');
  }
  reader.append(node, { kind: 'add' }, [left, right], left.rank);
}

function readBias(reader: GraphReader, node: NodeProto, target: TensorValue, name: string | undefined): void {
  const bias = readVector(reader, name, target.shape.channels);
  const dims = reader.constant(name)?.dims ?? [];
  if (bias === undefined || !liesAlongChannels(dims, target) || !reader.attachBias(target, bias)) {
    throw nodeError(
      'MODEL_UNSUPPORTED',
      node,
      'adding a stored tensor is supported only as the bias of the layer before',
    );
  }
  reader.define(node.output[0] as string, target);
}

/** Whether as many values as there are channels lie along them: ONNX aligns dimensions at the end, where an image has its width. */
function liesAlongChannels(dims: readonly (number | bigint)[], { rank, shape }: TensorValue): boolean {
  const behindChannels = rank === 4 ? 2 : 0;
  const channels = dims.at(-1 - behindChannels) ?? 1;
  return Number(channels) === shape.channels;
}

export function readMaxPool(reader: GraphReader, node: NodeProto): void {
  if (node.output.length > 1) throw nodeError('MODEL_UNSUPPORTED', node, 'its second output is not supported');
  const input = reader.tensor(node, 0);
  reader.append(node, { kind: 'max-pool', ...readWindow(node, input.shape, []) }, [input], 4);
}

/** AveragePool; padding counts as zeros, as in the core. */
export function readAveragePool(reader: GraphReader, node: NodeProto): void {
  const input = reader.tensor(node, 0);
  const window = readWindow(node, input.shape, []);
  const { top, left, bottom, right } = window.padding;
  if (top + left + bottom + right > 0 && readInt(node, 'count_include_pad', 0) === 0) {
    throw nodeError('MODEL_UNSUPPORTED', node, 'padding that does not count in the mean is not supported');
  }
  reader.append(node, { kind: 'average-pool', ...window }, [input], 4);
}

const shapeText = ({ shape }: TensorValue) => `${shape.height} x ${shape.width} x ${shape.channels}`;
