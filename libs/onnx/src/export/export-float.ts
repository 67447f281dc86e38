import type { Model, Network } from '@bitwright/core';
import { createGraphWriter, type GraphWriter } from '../wire/graph-writer.js';
import { toFloatTensor } from '../wire/tensors.js';
import { writeOperation } from './write-operation.js';

export type ExportOptions = {
  /** Free-form properties, for example `bitwright.dataset`. */
  readonly metadata?: Readonly<Record<string, string>>;
};

/** Operator set of float files. */
const OPSET = 17;

/**
 * Writes a model as a float ONNX file: input `batch x channels x height x width`, output `batch x classes`; nodes keep
 * their ids as names. `importOnnx` gives back the same network and the same parameters, bit for bit.
 */
export function exportOnnx({ network, parameters }: Model, { metadata = {} }: ExportOptions = {}): Uint8Array {
  const writer = createGraphWriter();
  const context = { writer, network, parameters };
  for (const node of network.nodes) {
    writeOperation(context, node, node.inputs, ({ id }, weight) =>
      writer.tensor(toFloatTensor(`${id}.weight`, weight)),
    );
  }
  return finishNetwork(writer, network, OPSET, metadata);
}

/** Closes a graph whose input and output are those of the network. */
export function finishNetwork(
  writer: GraphWriter,
  network: Network,
  opset: number,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const input = { name: network.nodes[0]?.id ?? 'input', shape: network.input };
  const output = { name: network.nodes.at(-1)?.id ?? 'output', classes: network.classes };
  return writer.finish(input, output, { graphName: network.name, opset, metadata });
}
