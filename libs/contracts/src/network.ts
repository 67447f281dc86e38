import { invalidField, type Network, type NetworkNode } from '@bitwright/core';
import { mapEntries, requireInteger, requireMessage, requireText } from './fields.js';
import type * as wire from './gen/bitwright/common/v1/network.js';
import { LIMITS } from './limits.js';
import { fromWireOperation, toWireOperation } from './operation.js';
import { fromWireShape, toWireShape } from './shape.js';

export function toWireNetwork(network: Network): wire.Network {
  return {
    name: network.name,
    input: toWireShape(network.input),
    classes: network.classes,
    nodes: network.nodes.map(({ id, inputs, output, operation }) => ({
      id,
      inputs: [...inputs],
      output: toWireShape(output),
      operation: toWireOperation(operation),
    })),
  };
}

/**
 * Throws `invalid_argument` naming the field: sizes out of range, ids used twice, inputs that are not earlier nodes, a
 * first node that is not the input.
 */
export function fromWireNetwork(message: wire.Network | undefined, field: string): Network {
  const network = requireMessage(message, field);
  const range = { min: 1, max: LIMITS.nodes };
  const nodes = mapEntries(network.nodes, `${field}.nodes`, range, fromWireNode);
  assertTopologicalOrder(nodes, `${field}.nodes`);
  return {
    name: requireText(network.name, `${field}.name`),
    input: fromWireShape(network.input, `${field}.input`),
    classes: requireInteger(network.classes, `${field}.classes`, { min: 1, max: LIMITS.classes }),
    nodes,
  };
}

function fromWireNode(message: wire.NetworkNode, field: string): NetworkNode {
  const inputs = { min: 0, max: LIMITS.nodeInputs };
  return {
    id: requireText(message.id, `${field}.id`),
    operation: fromWireOperation(message.operation, field),
    inputs: mapEntries(message.inputs, `${field}.inputs`, inputs, (id, path) => requireText(id, path)),
    output: fromWireShape(message.output, `${field}.output`),
  };
}

function assertTopologicalOrder(nodes: readonly NetworkNode[], field: string): void {
  const earlier = new Set<string>();
  nodes.forEach(({ id, inputs, operation }, index) => {
    const path = `${field}[${index}]`;
    if (earlier.has(id)) throw invalidField(`${path}.id`, `"${id}" is used twice`, 'NODE_ID');
    if ((operation.kind === 'input') !== (index === 0)) {
      throw invalidField(path, 'the first node, and no other, must be the input', 'NODE_ORDER');
    }
    assertInputs(inputs, index, earlier, `${path}.inputs`);
    earlier.add(id);
  });
}

function assertInputs(inputs: readonly string[], index: number, earlier: ReadonlySet<string>, field: string): void {
  if ((inputs.length === 0) !== (index === 0)) {
    throw invalidField(field, index === 0 ? 'the input node reads nothing' : 'names no node', 'NODE_INPUTS');
  }
  inputs.forEach((input, position) => {
    if (earlier.has(input)) return;
    throw invalidField(`${field}[${position}]`, `"${input}" is not an earlier node`, 'NODE_ORDER');
  });
}
