import { roundHalfToEven } from '@bitwright/core';
import type { LinearGrid } from './grid.js';

/** The code of one value on a grid. */
export function codeOf(value: number, grid: LinearGrid): number {
  if (grid.binary) return value < 0 ? -1 : 1;
  const steps = roundHalfToEven(Math.fround(value / grid.scale));
  return Math.min(Math.max(steps, grid.lowest), grid.highest);
}
