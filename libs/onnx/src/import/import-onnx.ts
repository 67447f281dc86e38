import type { Model, TensorShape } from '@bitwright/core';
import type { GraphProto, NodeProto, ValueInfoProto } from '../gen/onnx/onnx.js';
import { modelError } from '../model-error.js';
import { DATA_TYPE, dataTypeName } from '../wire/data-type.js';
import { decodeFile, IMPORT_LIMITS } from './decode-file.js';
import { createGraphReader, type GraphReader } from './graph-reader.js';
import { readOperator } from './operators.js';

/** A model and the file's own properties (`metadata_props`). */
export type ImportedModel = { readonly model: Model; readonly metadata: Readonly<Record<string, string>> };

/**
 * Reads a float ONNX file of an image classifier: one input `batch x channels x height x width`, one output
 * `batch x classes`. Node names become node ids. A Softmax at the end, Dropout and Identity are left out; features of
 * a flattened image are put in the core's order. Throws `invalid_argument` with a {@link ModelErrorReason}.
 */
export function importOnnx(bytes: Uint8Array): ImportedModel {
  const { graph: whole, opset, metadata } = decodeFile(bytes);
  const graph = { ...whole, node: neededNodes(whole) };
  const reader = createGraphReader(graph, opset);
  const input = findInput(graph);
  reader.addInput(input.name, readInputShape(input));
  for (const node of graph.node) readOperator(reader, node);
  return { model: finishModel(graph, reader), metadata };
}

function finishModel(graph: GraphProto, reader: GraphReader): Model {
  const { nodes, parameters } = reader.finish();
  const last = nodes.at(-1);
  const input = nodes[0];
  if (last === undefined || input === undefined || last.operation.kind === 'input') {
    throw modelError('MODEL_GRAPH', 'the model computes nothing from its input');
  }
  const { height, width, channels } = last.output;
  if (height !== 1 || width !== 1 || channels < 2) {
    const message = `the model's output is ${height} x ${width} x ${channels}; a classifier gives one score for each of 2 or more classes`;
    throw modelError('MODEL_GRAPH', message);
  }
  return { network: { name: graph.name || 'model', input: input.output, classes: channels, nodes }, parameters };
}

/** The one graph input that is not a stored tensor. */
function findInput({ input, initializer, output }: GraphProto): ValueInfoProto {
  const stored = new Set(initializer.map(({ name }) => name));
  const inputs = input.filter(({ name }) => !stored.has(name));
  if (inputs.length !== 1 || output.length !== 1) {
    const found = `${inputs.length} inputs and ${output.length} outputs`;
    throw modelError('MODEL_GRAPH', `the model has ${found}; an image classifier has one of each`);
  }
  return inputs[0] as ValueInfoProto;
}

function readInputShape({ name, type }: ValueInfoProto): TensorShape {
  const tensor = type?.tensorType;
  if (tensor?.elemType !== DATA_TYPE.float) {
    throw modelError(
      'MODEL_UNSUPPORTED',
      `input "${name}" is ${dataTypeName(tensor?.elemType ?? 0)}; only float32 is supported`,
    );
  }
  const sizes = tensor.shape?.dim.map(({ dimValue }) => dimValue) ?? [];
  const [, channels = 0, height = 0, width = 0] = sizes;
  const isFixed = sizes.length === 4 && channels > 0 && height > 0 && width > 0;
  const text = tensor.shape?.dim.map(({ dimValue, dimParam }) => dimParam || dimValue).join(' x ') ?? 'unknown';
  if (!isFixed) {
    const message = `input "${name}" is ${text}; it must be batch x channels x height x width with fixed sizes after the batch`;
    throw modelError('MODEL_GRAPH', message);
  }
  if (Math.max(height, width) > IMPORT_LIMITS.imageSize || channels > IMPORT_LIMITS.channels) {
    throw modelError('MODEL_TOO_LARGE', `input "${name}" is ${text}, which is beyond the limits`);
  }
  return { height, width, channels };
}

/** The nodes that the output depends on, in the file's order, which ONNX requires to be topological. */
function neededNodes({ node, output }: GraphProto): NodeProto[] {
  const needed = new Set(output.map(({ name }) => name));
  const kept: NodeProto[] = [];
  for (const candidate of [...node].reverse()) {
    if (!candidate.output.some((name) => needed.has(name))) continue;
    kept.push(candidate);
    for (const name of candidate.input) needed.add(name);
  }
  return kept.reverse();
}
