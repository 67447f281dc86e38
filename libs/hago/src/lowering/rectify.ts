import type { Operator } from '../hardware/specification.js';

/**
 * HAGO's rectification of the scales at which an operator reads: an addition reads both operands at the larger of their
 * scales, others read at the scales of their edges. What keeps the scale that comes in is not asked for one.
 */
export function rectifyScales(operator: Operator | undefined, edges: readonly number[]): readonly number[] {
  const isSum = operator === 'add' || operator === 'vector-add';
  return isSum ? edges.map(() => Math.max(...edges)) : edges;
}
