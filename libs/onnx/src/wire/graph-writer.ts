import type { TensorShape } from '@bitwright/core';
import { type GraphProto, ModelProto, type TensorProto, type ValueInfoProto } from '../gen/onnx/onnx.js';
import { type AttributeValue, toAttribute } from './attributes.js';
import { DATA_TYPE } from './data-type.js';
import { toFloatTensor } from './tensors.js';

export type FileOptions = {
  readonly graphName: string;
  readonly opset: number;
  /** Free-form properties stored in the file. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether nodes of `com.microsoft` occur. */
  readonly contrib?: boolean;
  /** Values to give as well; `type` is their element type by ONNX's number. */
  readonly extraOutputs?: readonly ExtraOutput[];
};

export type ExtraOutput = { readonly name: string; readonly type: number; readonly shape: readonly number[] };

/** Collects a graph's nodes and stored tensors. */
export type GraphWriter = {
  /** Appends a node with one output and gives that output's name; `name` is also the node's name. ONNX's own domain is ''. */
  node(
    opType: string,
    name: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    domain?: string,
  ): string;
  /** Stores a tensor, once for each name, and gives its name. */
  tensor(tensor: TensorProto): string;
  /** Stores a float scalar. */
  scalar(name: string, value: number): string;
  /** The file; the input is `batch x channels x height x width`, the output `batch x classes`. */
  finish(
    input: { name: string; shape: TensorShape },
    output: { name: string; classes: number },
    file: FileOptions,
  ): Uint8Array;
};

/** Version of the file format that belongs to an operator set. */
const irVersionOf = (opset: number) => (opset >= 21 ? 10 : 8);

export function createGraphWriter(): GraphWriter {
  const nodes: GraphProto['node'] = [];
  const tensors = new Map<string, TensorProto>();
  const tensor = (value: TensorProto) => {
    if (!tensors.has(value.name)) tensors.set(value.name, value);
    return value.name;
  };
  return {
    node: (opType, name, inputs, attributes = {}, domain = '') => {
      const attribute = Object.entries(attributes).map(([key, value]) => toAttribute(key, value));
      nodes.push({ opType, name, input: [...inputs], output: [name], attribute, domain });
      return name;
    },
    tensor,
    scalar: (name, value) => tensor(toFloatTensor(name, { shape: [], values: Float32Array.of(value) })),
    finish: (input, output, file) => {
      const { height, width, channels } = input.shape;
      const graph = {
        node: nodes,
        name: file.graphName,
        initializer: [...tensors.values()],
        docString: '',
        input: [toValueInfo(input.name, [channels, height, width])],
        output: [
          toValueInfo(output.name, [output.classes]),
          ...(file.extraOutputs ?? []).map(({ name, type, shape }) => toValueInfo(name, shape, type)),
        ],
        valueInfo: [],
      };
      return encode(graph, file);
    },
  };
}

/** Operators of ONNX Runtime's own. */
const CONTRIB_OPSET = { domain: 'com.microsoft', version: 1 };

function encode(graph: GraphProto, { opset, metadata, contrib = false }: FileOptions): Uint8Array {
  const file: ModelProto = {
    irVersion: irVersionOf(opset),
    producerName: 'bitwright',
    producerVersion: '',
    domain: '',
    modelVersion: 0,
    docString: '',
    graph,
    opsetImport: [{ domain: '', version: opset }, ...(contrib ? [CONTRIB_OPSET] : [])],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
  return ModelProto.encode(file).finish();
}

/** A value, float unless told otherwise, whose first dimension is the batch. */
function toValueInfo(name: string, sizes: readonly number[], elemType: number = DATA_TYPE.float): ValueInfoProto {
  const fixed = sizes.map((dimValue) => ({ dimValue, dimParam: '' }));
  return {
    name,
    type: { tensorType: { elemType, shape: { dim: [{ dimValue: 0, dimParam: 'batch' }, ...fixed] } } },
  };
}
