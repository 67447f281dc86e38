import type { Mapping } from './mapping.js';
import type { SystolicProfile } from './profile.js';

/** How often one product's operands come from memory, and how often its partial sums go there and back. */
export type Refetch = { readonly weights: number; readonly activations: number; readonly spills: number };

/** Bits of one product's operands. */
export type ProductSizes = { readonly weights: number; readonly activations: number };

/** Whether bits fit a buffer: half of it is filled while the other half is used. */
export function fits(bits: number, bufferKibibytes: number): boolean {
  return bits <= (bufferKibibytes * 1024 * 8) / 2;
}

/**
 * Walks the two loops over tiles from the inside: an operand that a loop does not depend on stays in its buffer, or,
 * where it does not fit, comes again for every trip.
 */
export function refetchOf(profile: SystolicProfile, mapping: Mapping, sizes: ProductSizes): Refetch {
  switch (profile.dataflow) {
    case 'output_stationary':
      return outputStationary(profile, mapping, sizes);
    case 'weight_stationary':
      return weightStationary(profile, mapping, sizes);
    case 'input_stationary':
      return inputStationary(profile, mapping, sizes);
  }
}

/** The order of loops that moves less: the rows of weights outside, or the columns of activations. */
function outputStationary(profile: SystolicProfile, mapping: Mapping, { weights, activations }: ProductSizes): Refetch {
  const { rowTiles, columnTiles, product } = mapping;
  const rowOfTiles = weights * Math.min(1, profile.arrayRows / product.rows);
  const columnOfTiles = activations * Math.min(1, profile.arrayColumns / product.columns);
  const weightsFor = (kept: number) => (fits(kept, profile.weightBufferKibibytes) ? 1 : columnTiles);
  const activationsFor = (kept: number) => (fits(kept, profile.activationBufferKibibytes) ? 1 : rowTiles);
  const rowsOutside = { weights: weightsFor(rowOfTiles), activations: activationsFor(activations), spills: 0 };
  const columnsOutside = { weights: weightsFor(weights), activations: activationsFor(columnOfTiles), spills: 0 };
  const moved = (order: Refetch) => weights * order.weights + activations * order.activations;
  return moved(rowsOutside) <= moved(columnsOutside) ? rowsOutside : columnsOutside;
}

/** Depth inside, weight rows outside: the partial sums of one column of tiles are finished before the next. */
function weightStationary(profile: SystolicProfile, mapping: Mapping, { activations }: ProductSizes): Refetch {
  const { rowTiles, columnTiles, product } = mapping;
  const partialSums = Math.min(product.rows, profile.arrayColumns) * product.columns * profile.accumulatorBits;
  return {
    weights: 1,
    activations: fits(activations, profile.activationBufferKibibytes) ? 1 : columnTiles,
    spills: fits(partialSums, profile.outputBufferKibibytes) ? 0 : rowTiles - 1,
  };
}

/** Depth inside, columns of activations outside. */
function inputStationary(profile: SystolicProfile, mapping: Mapping, { weights }: ProductSizes): Refetch {
  const { rowTiles, columnTiles, product } = mapping;
  const partialSums = product.rows * Math.min(product.columns, profile.arrayColumns) * profile.accumulatorBits;
  return {
    weights: fits(weights, profile.weightBufferKibibytes) ? 1 : columnTiles,
    activations: 1,
    spills: fits(partialSums, profile.outputBufferKibibytes) ? 0 : rowTiles - 1,
  };
}
