import type { Operator } from '../hardware/specification.js';

/**
 * HAGO's rectification of the scales at which an operator reads: an addition reads both operands at the larger of their
 * scales; a concatenation all of them at the largest, also of those they come with (`incoming`); a rectifier reads at the
 * scale its operand comes with. Others read at the scales of their edges.
 */
export function rectifyScales(
  operator: Operator | undefined,
  incoming: readonly number[],
  edges: readonly number[],
): readonly number[] {
  switch (operator) {
    case 'add':
    case 'vector-add':
      return edges.map(() => Math.max(...edges));
    case 'concatenate':
      return edges.map(() => Math.max(edges[0] as number, ...incoming));
    case 'relu':
    case 'clip':
      return incoming;
    default:
      return edges;
  }
}
