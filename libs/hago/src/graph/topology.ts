import type { Network, NetworkNode } from '@bitwright/core';
import {
  type HardwareSpecification,
  isFloatDescriptor,
  isIntegerDescriptor,
  type Operator,
  type OperatorDescriptor,
} from '../hardware/specification.js';
import { operatorsOf } from './operators.js';

/** One tensor read by one node. A weight is a tensor as well, named `<node>.weight`. */
export type Edge = {
  readonly source: string;
  readonly consumer: string;
  readonly operand: number;
  readonly isWeight: boolean;
};

/** What of a network is quantized on some hardware: §2.4 of the design, from HAGO's topology analysis. */
export type Topology = {
  readonly network: Network;
  readonly specification: HardwareSpecification;
  readonly operators: ReadonlyMap<string, Operator>;
  /** Ids of the nodes that run in integers. */
  readonly quantized: ReadonlySet<string>;
  /** Edges of all nodes, nodes in topological order, operands in theirs. */
  readonly edges: readonly Edge[];
};

/**
 * Marks the nodes that run in integers. A node without an integer kernel is float, and so is one that may be float and
 * reads nothing that is quantized: integer-only operators begin a region, the others follow their producers.
 */
export function analyseTopology(
  network: Network,
  specification: HardwareSpecification,
  keptInFloat: ReadonlySet<string> = new Set(),
): Topology {
  const operators = operatorsOf(network);
  const quantized = new Set<string>();
  for (const { id, inputs } of network.nodes) {
    const descriptors = descriptorsOf(specification, operators.get(id));
    const follows = inputs.some((input) => quantized.has(input));
    const mayBeFloat = descriptors.some(isFloatDescriptor);
    const isPinned = keptInFloat.has(id);
    if (!isPinned && descriptors.some(isIntegerDescriptor) && (follows || !mayBeFloat)) quantized.add(id);
  }
  return { network, specification, operators, quantized, edges: network.nodes.flatMap(edgesInto) };
}

/** The kernels of an operator, in the order in which they are tried. */
export function descriptorsOf(
  { operators }: HardwareSpecification,
  operator: Operator | undefined,
): readonly OperatorDescriptor[] {
  return (operator && operators[operator]) ?? [];
}

function edgesInto({ id, inputs, operation }: NetworkNode): readonly Edge[] {
  const edges = inputs.map((source, operand): Edge => ({ source, consumer: id, operand, isWeight: false }));
  const isLayer = operation.kind === 'convolution' || operation.kind === 'fully-connected';
  return isLayer ? [...edges, { source: `${id}.weight`, consumer: id, operand: inputs.length, isWeight: true }] : edges;
}
