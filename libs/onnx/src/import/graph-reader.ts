import { type NetworkNode, type Operation, outputShape, type ParameterTensor, type TensorShape } from '@bitwright/core';
import type { GraphProto, NodeProto, TensorProto } from '../gen/onnx/onnx.js';
import { modelError } from '../model-error.js';
import { IMPORT_LIMITS } from './decode-file.js';

/** A value of one image: what network node gives it, and whether ONNX holds it as N x C x H x W or as N x C. */
export type TensorValue = {
  readonly kind: 'tensor';
  readonly node: string;
  readonly shape: TensorShape;
  readonly rank: 4 | 2;
  /** The shape that its features were flattened from, where their order matters. */
  readonly flattened: TensorShape | undefined;
};

/** A value made of sizes only, such as the new shape of a Reshape. */
export type SizesValue = { readonly kind: 'sizes' };

export type Value = TensorValue | SizesValue;

type Draft = {
  readonly id: string;
  operation: Operation;
  readonly inputs: readonly string[];
  readonly output: TensorShape;
};

/** The network as far as it has been read. Errors name the node and its operator. */
export type GraphReader = {
  readonly opset: number;
  /** Names of the graph's outputs. */
  readonly outputs: ReadonlySet<string>;
  /** A stored tensor, or undefined when the value is computed. */
  constant(name: string | undefined): TensorProto | undefined;
  addConstant(name: string, tensor: TensorProto): void;
  value(node: NodeProto, position: number): Value;
  tensor(node: NodeProto, position: number): TensorValue;
  define(name: string, value: Value): void;
  /** The first network node. */
  addInput(name: string, shape: TensorShape): void;
  /** Appends a network node for this ONNX node and defines its output. Gives the network node's id. */
  append(node: NodeProto, operation: Operation, inputs: readonly [TensorValue, ...TensorValue[]], rank: 4 | 2): string;
  setParameter(id: string, role: string, tensor: ParameterTensor): void;
  /** Gives a bias to a layer that has none and is read by nothing else; false when that is not the case. */
  attachBias(value: TensorValue, bias: ParameterTensor): boolean;
  finish(): { nodes: readonly NetworkNode[]; parameters: ReadonlyMap<string, ParameterTensor> };
};

/** A reader whose constants are the graph's initializers. */
export function createGraphReader(graph: GraphProto, opset: number): GraphReader {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const values = new Map<string, Value>();
  const drafts = new Map<string, Draft>();
  const parameters = new Map<string, ParameterTensor>();
  const readers = countReaders(graph);
  const value = (node: NodeProto, position: number) => {
    const name = node.input[position];
    const found = name === undefined ? undefined : values.get(name);
    if (found !== undefined) return found;
    const problem =
      name !== undefined && constants.has(name) ? 'is a stored tensor, not an activation' : 'is not defined before it';
    throw nodeError('MODEL_GRAPH', node, `its input "${name ?? ''}" ${problem}`);
  };
  const define = (name: string, defined: Value) => {
    values.set(name, defined);
  };
  const append: GraphReader['append'] = (node, operation, inputs, rank) => {
    const id = chooseId(node, drafts);
    const output = outputShape(operation, inputs[0].shape);
    assertSize(node, output);
    drafts.set(id, { id, operation, inputs: inputs.map((input) => input.node), output });
    const flattened = keptFlattening(operation, inputs[0]);
    define(node.output[0] as string, { kind: 'tensor', node: id, shape: output, rank, flattened });
    return id;
  };
  return {
    opset,
    outputs: new Set(graph.output.map(({ name }) => name)),
    constant: (name) => (name === undefined || name === '' ? undefined : constants.get(name)),
    addConstant: (name, tensor) => {
      constants.set(name, tensor);
    },
    value,
    tensor: (node, position) => asTensor(node, value(node, position)),
    define,
    addInput: (name, shape) => {
      drafts.set(name, { id: name, operation: { kind: 'input' }, inputs: [], output: shape });
      define(name, { kind: 'tensor', node: name, shape, rank: 4, flattened: undefined });
    },
    append,
    setParameter: (id, role, tensor) => {
      parameters.set(`${id}.${role}`, tensor);
    },
    attachBias: (target, bias) => {
      const draft = drafts.get(target.node);
      if (draft === undefined || readers(target, values) !== 1 || !isBiasFree(draft.operation)) return false;
      draft.operation = { ...draft.operation, bias: true };
      parameters.set(`${draft.id}.bias`, bias);
      return true;
    },
    finish: () => ({ nodes: [...drafts.values()], parameters }),
  };
}

/** An `invalid_argument` that names the node and its operator. */
export function nodeError(reason: 'MODEL_UNSUPPORTED' | 'MODEL_GRAPH', node: NodeProto, problem: string) {
  return modelError(reason, `node "${node.name || node.output[0]}" (${node.opType}): ${problem}`);
}

function asTensor(node: NodeProto, found: Value): TensorValue {
  if (found.kind === 'tensor') return found;
  throw nodeError('MODEL_UNSUPPORTED', node, 'it computes with sizes of tensors');
}

/** Names are kept; what has none, or one that is taken, is called by its output, with a number where that is taken too. */
function chooseId({ name, output }: NodeProto, drafts: ReadonlyMap<string, Draft>): string {
  const [result = ''] = output;
  let id = name === '' || drafts.has(name) ? result : name;
  for (let copy = 2; drafts.has(id); copy += 1) id = `${result}_${copy}`;
  return id;
}

function keptFlattening(operation: Operation, input: TensorValue): TensorShape | undefined {
  if (operation.kind === 'flatten') return input.shape;
  return operation.kind === 'relu' || operation.kind === 'relu6' ? input.flattened : undefined;
}

function isBiasFree(operation: Operation): operation is Extract<Operation, { readonly bias: boolean }> {
  return (operation.kind === 'convolution' || operation.kind === 'fully-connected') && !operation.bias;
}

/** Counts how often a network node's output is read, under all names it has. */
function countReaders({ node, output }: GraphProto) {
  const counts = new Map<string, number>();
  const names = [...node.flatMap(({ input }) => input), ...output.map(({ name }) => name)];
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return (target: TensorValue, values: ReadonlyMap<string, Value>) => {
    let aliases = 0;
    let total = 0;
    for (const [name, found] of values) {
      if (found.kind !== 'tensor' || found.node !== target.node) continue;
      aliases += 1;
      total += counts.get(name) ?? 0;
    }
    // Each further name of the output was made by a node that read an earlier one.
    return total - (aliases - 1);
  };
}

function assertSize(node: NodeProto, { height, width, channels }: TensorShape): void {
  const { imageSize, channels: mostChannels, elements } = IMPORT_LIMITS;
  const text = `${height} x ${width} x ${channels}`;
  if (height < 1 || width < 1)
    throw nodeError('MODEL_GRAPH', node, `its output would be ${text}: the input is too small`);
  if (height <= imageSize && width <= imageSize && channels <= mostChannels && height * width * channels <= elements)
    return;
  throw modelError('MODEL_TOO_LARGE', `node "${node.name}" (${node.opType}) gives ${text}, which is beyond the limits`);
}
