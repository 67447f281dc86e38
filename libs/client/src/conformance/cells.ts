import type { costProto } from '@bitwright/contracts';
import { SAMPLE_LAYERS } from './sample-network.js';

/** One cell of a cost table, as it came: an entry that is missing is undefined whatever its type says. */
export type Cell = costProto.LayerCost & {
  readonly layer: number;
  /** Positions in the table's lists of bits. */
  readonly weight: number;
  readonly activation: number;
  /** Where it stands, in words. */
  readonly place: string;
};

/** Slack for sums and products of floating point numbers, relative. */
export const ROUNDING = 1e-9;

/** The cells of a table, layer by layer, without those at which the hardware cannot run the layer. */
export function cellsOf(table: costProto.CostTable): readonly Cell[] {
  return allCellsOf(table).filter((cell) => !isHole(cell));
}

/** A pair of bits that the hardware has no kernel for. */
export const isHole = ({ latencyMs, executedWeightBits }: Cell) => Number.isNaN(latencyMs) && executedWeightBits === 0;

export function allCellsOf(table: costProto.CostTable): readonly Cell[] {
  const layers = table.counted.map((_, layer) => layer);
  return layers.flatMap((layer) =>
    table.weightBits.flatMap((_, weight) =>
      table.activationBits.map((_bits, activation) => cellAt(table, layer, weight, activation)),
    ),
  );
}

export function cellAt(table: costProto.CostTable, layer: number, weight: number, activation: number): Cell {
  const position = (layer * table.weightBits.length + weight) * table.activationBits.length + activation;
  const at = <T>(column: readonly T[]) => column[position] as T;
  // Empty columns and NaN stand for what the hardware does not know.
  const known = (column: readonly number[]) => {
    const value = column[position];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  };
  return {
    ...{ layer, weight, activation },
    place: placeOf(layer, table.weightBits[weight] as number, table.activationBits[activation] as number),
    latencyMs: at(table.latencyMs),
    energyMj: known(table.energyMj),
    ...{ trafficBytes: known(table.trafficBytes), bound: at(table.bound), computeMs: known(table.computeMs) },
    ...{ memoryMs: known(table.memoryMs), overheadMs: known(table.overheadMs), spreadMs: known(table.spreadMs) },
    interpolated: table.interpolated[position] === true,
    executedWeightBits: at(table.executedWeightBits),
    executedActivationBits: at(table.executedActivationBits),
  };
}

/** `layer-2 at 4-bit weights and 8-bit activations`. */
export function placeOf(layer: number, weightBits: number, activationBits: number): string {
  const name = SAMPLE_LAYERS[layer]?.name ?? 'not in the request';
  return `${name} at ${weightBits}-bit weights and ${activationBits}-bit activations`;
}

export const isPositive = (value: number | undefined) => value !== undefined && Number.isFinite(value) && value > 0;

/** Whether two figures are the same up to rounding. */
export function isClose(left: number, right: number, tolerance = 1e-6): boolean {
  return Math.abs(left - right) <= tolerance * Math.max(Math.abs(left), Math.abs(right));
}
