import type { Network, NetworkNode } from '@bitwright/core';

/** The network as it is deployed: batch normalization folded into the layers before it, which get a bias. */
export function withoutNormalization(network: Network): Network {
  const folded = new Map<string, string>();
  const nodes: NetworkNode[] = [];
  for (const node of network.nodes) {
    const inputs = node.inputs.map((input) => folded.get(input) ?? input);
    if (node.operation.kind === 'batch-normalization') folded.set(node.id, inputs[0] as string);
    else nodes.push({ ...node, inputs });
  }
  const sources = new Set(folded.values());
  return { ...network, nodes: nodes.map((node) => (sources.has(node.id) ? withBias(node) : node)) };
}

function withBias(node: NetworkNode): NetworkNode {
  const { operation } = node;
  const isLayer = operation.kind === 'convolution' || operation.kind === 'fully-connected';
  return isLayer ? { ...node, operation: { ...operation, bias: true } } : node;
}
