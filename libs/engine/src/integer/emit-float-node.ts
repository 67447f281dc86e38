import type { NetworkNode } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { rectify } from '../operations/activation.js';
import { add } from '../operations/arithmetic.js';
import { frozenNormalization } from '../operations/batch-normalization.js';
import { convolution } from '../operations/convolution.js';
import { flatten, fullyConnected } from '../operations/fully-connected.js';
import { globalAveragePool, pool } from '../operations/pooling.js';

/** A node that computes in float, forward only; `parameter` gives `<node>.<role>`. */
export function emitFloatNode(
  graph: GraphBuilder,
  { id, operation, output }: NetworkNode,
  inputs: readonly GraphTensor[],
  parameter: (name: string) => GraphTensor,
): GraphTensor {
  const [input, other] = inputs as [GraphTensor, GraphTensor];
  const role = (name: string) => parameter(`${id}.${name}`);
  switch (operation.kind) {
    case 'input':
      throw new Error(`node ${id}: an input cannot follow other nodes`);
    case 'convolution': {
      const bias = operation.bias ? role('bias') : undefined;
      return convolution(graph, operation, output, { input, weight: role('weight'), bias }).output;
    }
    case 'fully-connected':
      return fullyConnected(graph, input, role('weight'), operation.bias ? role('bias') : undefined).output;
    case 'batch-normalization': {
      const parameters = { scale: role('scale'), shift: role('shift'), mean: role('mean'), variance: role('variance') };
      return frozenNormalization(graph, input, parameters, operation.epsilon).output;
    }
    case 'relu':
    case 'relu6':
      return rectify(graph, operation.kind, input).output;
    case 'add':
      return add(graph, input, other);
    case 'max-pool':
    case 'average-pool':
      return pool(graph, operation, input, output).output;
    case 'global-average-pool':
      return globalAveragePool(graph, input).output;
    case 'flatten':
      return flatten(graph, input).output;
  }
}
