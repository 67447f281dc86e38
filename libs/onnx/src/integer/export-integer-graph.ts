import type { Parameters } from '@bitwright/core';
import type { IntegerGraph } from '@bitwright/hago';
import type { ExportOptions } from '../export/export-float.js';
import { createGraphWriter, type ExtraOutput } from '../wire/graph-writer.js';
import type { IntegerWriter } from './integer-writer.js';
import { readValue } from './kernel-codes.js';
import { convertInput, writeEdgeNode } from './write-edge-node.js';
import { writeKernelNode } from './write-kernel-node.js';

export type IntegerExportOptions = ExportOptions & {
  /** Also gives the codes of every integer tensor: outputs `<node>` or `<node>.codes`, for checking. */
  readonly everyTensor?: boolean;
};

/** Operator set of a file that holds an integer graph. */
export const INTEGER_OPSET = 17;

/**
 * Writes an integer graph as ONNX: input `batch x channels x height x width` float, output `batch x classes` float.
 * `parameters` are those of the network, for what computes in float. Integers that kernels requantize become QDQ nodes for
 * ONNX Runtime's fast kernels, others are written out step by step. Either way the codes are those that the engine
 * simulates.
 */
export function exportIntegerGraph(
  graph: IntegerGraph,
  parameters: Parameters,
  { metadata = {}, everyTensor = false }: IntegerExportOptions = {},
): Uint8Array {
  const writer = createGraphWriter();
  const codes: ExtraOutput[] = [];
  const context: IntegerWriter = {
    ...{ writer, network: graph.network, parameters, codes },
    ...{ grids: new Map(), dequantized: new Set() },
  };
  const write = graph.requantization === 'kernel' ? writeKernelNode : writeEdgeNode;
  for (const node of graph.nodes) write(context, node);
  const name =
    graph.requantization === 'kernel'
      ? readValue(context, graph.output.source)
      : convertInput(context, graph.output, 'logits');
  const input = { name: graph.nodes[0]?.id ?? 'input', shape: graph.network.input };
  const file = {
    graphName: graph.network.name,
    opset: INTEGER_OPSET,
    metadata,
    extraOutputs: everyTensor ? codes : [],
  };
  return writer.finish(input, { name, classes: graph.network.classes }, file);
}
