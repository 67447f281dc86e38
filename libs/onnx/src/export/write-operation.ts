import type { Network, NetworkNode, Operation, Padding, Parameters, ParameterTensor } from '@bitwright/core';
import { flattenedShape, reorderColumns } from '../feature-order.js';
import type { GraphWriter } from '../wire/graph-writer.js';
import { toFloatTensor } from '../wire/tensors.js';

/** Writes a node's weight, already in ONNX's layout, and gives the value that holds it. */
export type WriteWeight = (node: NetworkNode, weight: ParameterTensor) => string;

export type OperationContext = {
  readonly writer: GraphWriter;
  readonly network: Network;
  readonly parameters: Parameters;
  /** Adds a layer's bias in a node of its own; see `needsFloatBias` in `export-qdq.ts`. */
  readonly separateBias?: boolean;
};

/** Writes one node with its parameters; its output value has the node's id. */
export function writeOperation(
  context: OperationContext,
  node: NetworkNode,
  inputs: readonly string[],
  writeWeight: WriteWeight,
): void {
  const { writer } = context;
  const { id, operation } = node;
  const emit = (opType: string, attributes = {}) => writer.node(opType, id, inputs, attributes);
  switch (operation.kind) {
    case 'input':
      return;
    case 'convolution':
    case 'fully-connected':
      writeLayer(context, node, inputs[0] as string, writeWeight);
      return;
    case 'batch-normalization': {
      const roles = ['scale', 'shift', 'mean', 'variance'].map((role) => writeParameter(context, node, role));
      writer.node('BatchNormalization', id, [...inputs, ...roles], { epsilon: { float: operation.epsilon } });
      return;
    }
    case 'relu6':
      writer.node('Clip', id, [...inputs, writer.scalar('relu6.minimum', 0), writer.scalar('relu6.maximum', 6)]);
      return;
    case 'relu':
      emit('Relu');
      return;
    case 'add':
      emit('Add');
      return;
    case 'max-pool':
      emit('MaxPool', windowAttributes(operation));
      return;
    case 'average-pool':
      emit('AveragePool', { ...windowAttributes(operation), count_include_pad: 1 });
      return;
    case 'global-average-pool':
      emit('GlobalAveragePool');
      return;
    case 'flatten':
      emit('Flatten', { axis: 1 });
  }
}

function writeLayer(context: OperationContext, node: NetworkNode, input: string, writeWeight: WriteWeight): void {
  const { writer, separateBias = false } = context;
  const { id, operation } = node;
  if (operation.kind !== 'convolution' && operation.kind !== 'fully-connected') return;
  const apart = operation.bias && separateBias;
  const output = apart ? `${id}/product` : id;
  const bias = operation.bias && !apart ? [writeParameter(context, node, 'bias')] : [];
  if (operation.kind === 'convolution') {
    const inputs = [input, writeWeight(node, requireParameter(context, node, 'weight')), ...bias];
    writer.node('Conv', output, inputs, { ...windowAttributes(operation), dilations: [1, 1], group: operation.groups });
  } else {
    const features = writer.node('Flatten', `${id}/features`, [input], { axis: 1 });
    writer.node('Gemm', output, [features, writeWeight(node, onnxWeight(context, node)), ...bias], { transB: 1 });
  }
  if (apart) writer.node('Add', id, [output, writeBroadcastBias(context, node)]);
}

/** Whether a node has a bias. */
export const hasBias = ({ operation }: NetworkNode) => 'bias' in operation && operation.bias;

/** The bias in a shape that an addition spreads over batch, height and width. */
export function writeBroadcastBias(context: OperationContext, node: NetworkNode): string {
  const { values } = requireParameter(context, node, 'bias');
  const shape = node.operation.kind === 'convolution' ? [1, values.length, 1, 1] : [values.length];
  return context.writer.tensor(toFloatTensor(`${node.id}.bias`, { shape, values }));
}

/** A fully connected weight with its columns in ONNX's order of features. */
function onnxWeight(context: OperationContext, node: NetworkNode): ParameterTensor {
  const weight = requireParameter(context, node, 'weight');
  const shape = flattenedShape(context.network, node);
  return shape === undefined ? weight : reorderColumns(weight, shape, 'onnx');
}

type Windowed = Extract<Operation, { readonly padding: Padding }>;

/** Kernel, strides and padding as ONNX names them. */
export function windowAttributes({ kernelHeight, kernelWidth, strideHeight, strideWidth, padding }: Windowed) {
  const { top, left, bottom, right } = padding;
  return {
    kernel_shape: [kernelHeight, kernelWidth],
    strides: [strideHeight, strideWidth],
    pads: [top, left, bottom, right],
  };
}

function writeParameter(context: OperationContext, node: NetworkNode, role: string): string {
  return context.writer.tensor(toFloatTensor(`${node.id}.${role}`, requireParameter(context, node, role)));
}

function requireParameter({ parameters }: OperationContext, { id }: NetworkNode, role: string): ParameterTensor {
  const tensor = parameters.get(`${id}.${role}`);
  if (tensor === undefined) throw new Error(`the model has no parameter ${id}.${role}`);
  return tensor;
}
