import type { Operator } from '../hardware/specification.js';

/** Operators that read their input at the scale it comes with, so that nothing is requantized in front of them. */
const KEEPS_INCOMING: ReadonlySet<Operator> = new Set<Operator>(['relu', 'clip', 'flatten']);

export const keepsIncomingScale = (operator: Operator | undefined) =>
  operator !== undefined && KEEPS_INCOMING.has(operator);
