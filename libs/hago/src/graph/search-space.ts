import { bitsOf } from '../element-type.js';
import { isIntegerDescriptor, operandType } from '../hardware/specification.js';
import { mergedRectifier } from './merged-rectifier.js';
import { keepsIncomingScale } from './scale-keeping.js';
import { descriptorsOf, type Edge, type Topology } from './topology.js';

/** The fewest bits that HAGO's search considers. */
export const FEWEST_BITS = 4;

/** Something whose bits are to be chosen: an edge, or all readers of one tensor. Choices from most bits to fewest. */
export type BitVariable = {
  readonly name: string;
  readonly edges: readonly Edge[];
  readonly choices: readonly number[];
};

/** One number of bits for each variable, in their order. */
export type EdgeBits = readonly number[];

/**
 * What a search decides: the bits of what quantized nodes read, at most what both sides can hold (a parameter or input has no
 * side that gives it), at least 4. Where kernels requantize, all readers of a tensor share their bits. An edge that keeps
 * the scale it comes with is none: its bits would only move where it saturates (HAGO lists it).
 */
export function searchSpace(topology: Topology): readonly BitVariable[] {
  const groups = new Map<string, Edge[]>();
  for (const edge of topology.edges) {
    if (!isVariable(topology, edge)) continue;
    const key = variableName(topology, edge);
    groups.set(key, [...(groups.get(key) ?? []), edge]);
  }
  return [...groups].map(([name, edges]) => {
    const upper = Math.min(...edges.map((edge) => upperBound(topology, edge)));
    return { name, edges, choices: descending(upper) };
  });
}

/** The most bits everywhere. */
export const highestBits = (space: readonly BitVariable[]): EdgeBits =>
  space.map(({ choices }) => choices[0] as number);

export const isVariable = ({ quantized, operators }: Topology, { consumer }: Edge) =>
  quantized.has(consumer) && !keepsIncomingScale(operators.get(consumer));

/** The name of the variable that decides an edge's bits. */
function variableName(topology: Topology, { source, consumer, operand, isWeight }: Edge): string {
  if (isWeight) return source;
  if (topology.specification.requantization === 'edge') return `${source} -> ${consumer}[${operand}]`;
  return quantizedTensor(topology, source);
}

/**
 * The tensor whose codes this one holds, where kernels requantize: pools of maxima and flattening pass codes on as they are,
 * and so do rectifiers that are not part of a kernel, but for those that they clip.
 */
export function quantizedTensor(topology: Topology, tensor: string): string {
  const nodes = new Map(topology.network.nodes.map((node) => [node.id, node]));
  let node = nodes.get(tensor);
  while (node !== undefined && topology.quantized.has(node.id) && PASSES_CODES.has(node.operation.kind)) {
    const source = nodes.get(node.inputs[0] ?? '');
    if (source !== undefined && mergedRectifier(topology, source) === node) return node.id;
    node = source;
  }
  return node?.id ?? tensor;
}

const PASSES_CODES: ReadonlySet<string> = new Set(['max-pool', 'flatten', 'relu', 'relu6']);

/**
 * The smaller of what consumer and producer can hold. An addition whose sum is no wider than its operands leaves them one
 * bit less, or it would overflow at the start (ours; HAGO starts at the type's own bits).
 */
function upperBound(topology: Topology, { source, consumer, operand }: Edge): number {
  const reads = integerDescriptors(topology, consumer).map((descriptor) => {
    const type = operandType(descriptor, operand);
    const isSum = ['add', 'vector-add'].includes(topology.operators.get(consumer) ?? '');
    return bitsOf(type) - (isSum && type === descriptor.output ? 1 : 0);
  });
  const gives = topology.quantized.has(source)
    ? integerDescriptors(topology, source).map(({ output }) => bitsOf(output))
    : [Number.POSITIVE_INFINITY];
  return Math.min(Math.max(...reads), Math.max(...gives));
}

function integerDescriptors({ specification, operators }: Topology, node: string) {
  return descriptorsOf(specification, operators.get(node)).filter(isIntegerDescriptor);
}

const descending = (upper: number) =>
  Array.from({ length: Math.max(1, upper - FEWEST_BITS + 1) }, (_, index) => upper - index);
