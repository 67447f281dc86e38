import type { NetworkNode } from '@bitwright/core';
import type { Topology } from './topology.js';

/** Operations whose kernels sum up in wide integers, and requantize where the hardware's kernels do. */
const SUMS: ReadonlySet<string> = new Set(['convolution', 'fully-connected', 'add', 'global-average-pool']);

/** Whether a node's kernel may requantize what it gives; other integer kernels pass codes on. */
export const isSum = ({ operation }: NetworkNode) => SUMS.has(operation.kind);

/**
 * The rectifier that a requantizing kernel takes in: the one that alone reads a sum. Any other rectifier clips the codes
 * that it reads, because nothing behind a kernel changes their scale.
 */
export function mergedRectifier({ network, quantized }: Topology, node: NetworkNode): NetworkNode | undefined {
  if (!quantized.has(node.id) || !isSum(node)) return undefined;
  const [reader, ...others] = network.nodes.filter(({ inputs }) => inputs.includes(node.id));
  const isRectifier = reader?.operation.kind === 'relu' || reader?.operation.kind === 'relu6';
  return isRectifier && others.length === 0 ? reader : undefined;
}
