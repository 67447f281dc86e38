import type { Layer, Network, NetworkNode } from '@bitwright/core';
import { consumersOf } from '../network/fold-batch-normalization.js';

/**
 * The node at which each layer's output is looked at: behind the normalization and the rectifier that alone read it, and
 * before anything else, such as the addition of a residual block.
 */
export function layerOutputs(network: Network, layers: readonly Layer[]): readonly NetworkNode[] {
  const consumers = consumersOf(network);
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  const follow = (node: NetworkNode): NetworkNode => {
    const [reader, ...others] = consumers.get(node.id) ?? [];
    return reader !== undefined && others.length === 0 && PASSED.has(reader.operation.kind) ? follow(reader) : node;
  };
  return layers.map(({ name }) => follow(nodes.get(name) as NetworkNode));
}

const PASSED: ReadonlySet<string> = new Set(['batch-normalization', 'relu', 'relu6']);
