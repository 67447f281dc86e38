import { BitwrightError } from '@bitwright/core';
import { bitsOf } from '../element-type.js';
import { isIntegerDescriptor, type OperatorDescriptor, operandType } from '../hardware/specification.js';
import type { BitVariable, EdgeBits } from './search-space.js';
import { descriptorsOf, type Edge, type Topology } from './topology.js';

/** Bits of the edges that have some. */
export type BitsOfEdge = (edge: Edge) => number | undefined;

/** The bits of each edge under an assignment. Throws `invalid_argument` for one of another length. */
export function bitsByEdge(space: readonly BitVariable[], bits: EdgeBits): BitsOfEdge {
  if (bits.length !== space.length) {
    const message = `the strategy has bits for ${bits.length} edges, the network has ${space.length}`;
    throw new BitwrightError('invalid_argument', 'EDGE_BITS', message);
  }
  const known = new Map(space.flatMap(({ edges }, index) => edges.map((edge) => [edge, bits[index]] as const)));
  return (edge) => known.get(edge);
}

/**
 * The kernel of every quantized node: the first integer one whose operands hold their edges' bits. Throws `unsupported`
 * `NO_DESCRIPTOR` where none does, with the node and what was asked.
 */
export function selectDescriptors(topology: Topology, bits: BitsOfEdge): ReadonlyMap<string, OperatorDescriptor> {
  const given = new Map<string, OperatorDescriptor>();
  for (const { id } of topology.network.nodes) {
    if (!topology.quantized.has(id)) continue;
    const edges = topology.edges.filter(({ consumer }) => consumer === id);
    const wanted = edges.map((edge) => bits(edge) ?? providedBits(topology, given, edge.source));
    const kernels = descriptorsOf(topology.specification, topology.operators.get(id)).filter(isIntegerDescriptor);
    const fits = (kernel: OperatorDescriptor) =>
      edges.every(({ operand }, index) => (wanted[index] ?? 0) <= bitsOf(operandType(kernel, operand)));
    const found = kernels.find(fits);
    if (found === undefined) throw noDescriptor(topology, id, wanted, kernels);
    given.set(id, found);
  }
  return given;
}

/** The most bits of a tensor where kernels requantize: they give bytes, however wide they sum up. */
export const REQUANTIZED_BITS = 8;

/** What an edge without bits of its own carries: all that its producer gives. */
function providedBits(
  { specification }: Topology,
  given: ReadonlyMap<string, OperatorDescriptor>,
  source: string,
): number | undefined {
  const producer = given.get(source);
  const bits = producer && bitsOf(producer.output);
  return bits && specification.requantization === 'kernel' ? Math.min(bits, REQUANTIZED_BITS) : bits;
}

function noDescriptor(
  { operators, specification }: Topology,
  id: string,
  wanted: readonly (number | undefined)[],
  kernels: readonly OperatorDescriptor[],
): BitwrightError {
  const known = kernels.map(({ inputs, output }) => `${inputs.join(', ')} -> ${output}`).join('; ');
  const message = `no feasible descriptor: ${specification.name} has no ${operators.get(id)} that reads ${wanted.join(' and ')} bits for "${id}"; it has ${known}`;
  return new BitwrightError('unsupported', 'NO_DESCRIPTOR', message);
}
