import type { Network, NetworkNode } from '@bitwright/core';
import type { Operator } from '../hardware/specification.js';

/**
 * The operator of a node, undefined for the input. HAGO's per-operator rules are names of their own here: convolutions in
 * groups that are not depthwise, and additions of vectors, both float on its reference accelerator.
 */
export function operatorOf({ operation, output }: NetworkNode, inChannels: number): Operator | undefined {
  switch (operation.kind) {
    case 'input':
      return undefined;
    case 'convolution':
      if (operation.groups === 1) return 'convolution';
      return operation.groups === inChannels ? 'depthwise-convolution' : 'grouped-convolution';
    case 'add':
      return output.height * output.width === 1 ? 'vector-add' : 'add';
    case 'relu6':
      return 'clip';
    default:
      return operation.kind;
  }
}

/** The operator of every node, by its id. */
export function operatorsOf({ nodes }: Network): ReadonlyMap<string, Operator> {
  const channels = new Map(nodes.map(({ id, output }) => [id, output.channels]));
  const entries = nodes.flatMap((node): [string, Operator][] => {
    const operator = operatorOf(node, channels.get(node.inputs[0] ?? '') ?? 0);
    return operator === undefined ? [] : [[node.id, operator]];
  });
  return new Map(entries);
}
