import { BitwrightError } from '../errors.js';

/** What limits a layer's time on the hardware. */
export type Bound = 'compute' | 'memory' | 'overhead';

/** How an answer came about. */
export type Provenance = 'simulated' | 'table' | 'measured';

/**
 * Cost of one layer at one pair of bits, for the whole batch. Simulators know every part; a table or a measurement may
 * know the latency alone. What is not known is absent, never zero.
 */
export type LayerCost = {
  readonly latencyMs: number;
  readonly energyMj: number | undefined;
  /** Bytes moved to and from off-chip memory. */
  readonly trafficBytes: number | undefined;
  readonly bound: Bound | undefined;
  /** Parts of the time: what compute, memory and overhead would each take alone, ms. */
  readonly computeMs: number | undefined;
  readonly memoryMs: number | undefined;
  readonly overheadMs: number | undefined;
  /** Precision that the hardware really runs when asked for this one. */
  readonly executedWeightBits: number;
  readonly executedActivationBits: number;
  /** Interquartile range of the latency over repeated measurements, ms. */
  readonly spreadMs?: number | undefined;
  /** Whether the figures were interpolated between those of other bits: a guess. Absent means no. */
  readonly interpolated?: boolean | undefined;
};

/** Why a layer lacks costs, in a sentence. */
export type LayerFailure = { readonly layer: number; readonly message: string };

/**
 * Costs by layer and pair of bits: `cells[layer][i][j]` for `weightBits[i]`, `activationBits[j]`; undefined where the
 * hardware cannot run the layer at that pair.
 */
export type CostTable = {
  /** The hardware's name, for example `bismo-edge`. */
  readonly hardware: string;
  /** Images in one batch; latency and energy are of the whole batch. */
  readonly batch: number;
  /** Ascending. */
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  /** Layers that count in a network's total, one flag per layer. */
  readonly counted: readonly boolean[];
  readonly provenance: Provenance;
  readonly cells: readonly (readonly (readonly (LayerCost | undefined)[])[])[];
  /** At most one of each layer that lacks costs; absent or empty where none does. */
  readonly failures?: readonly LayerFailure[] | undefined;
};

/** Whether the hardware has a cost for a layer at a pair of bits. */
export function hasCell(
  table: CostTable,
  layer: number,
  { weightBits, activationBits }: { readonly weightBits: number; readonly activationBits: number },
): boolean {
  const row = table.cells[layer]?.[table.weightBits.indexOf(weightBits)];
  return row?.[table.activationBits.indexOf(activationBits)] !== undefined;
}

/** The cell for a layer; throws `unsupported` when the table has none, with the hardware's reason where it gave one. */
export function costCell(table: CostTable, layer: number, weightBits: number, activationBits: number): LayerCost {
  const row = table.cells[layer]?.[table.weightBits.indexOf(weightBits)];
  const cell = row?.[table.activationBits.indexOf(activationBits)];
  if (cell !== undefined) return cell;
  const what = `${table.hardware} has no cost for layer ${layer} at ${weightBits}-bit weights and ${activationBits}-bit activations`;
  const reason = table.failures?.find((failure) => failure.layer === layer)?.message;
  const message = reason === undefined ? what : `${what}: ${reason}`;
  throw new BitwrightError('unsupported', 'PRECISION_UNSUPPORTED', message);
}

/** The table of a network whose layers each do their work so many times, one after the other. */
export function repeatedCosts(table: CostTable, repeats: readonly number[]): CostTable {
  const cells = table.cells.map((rows, layer) =>
    rows.map((row) => row.map((cell) => cell && timesCost(cell, repeats[layer] as number))),
  );
  return { ...table, cells };
}

function timesCost(cost: LayerCost, factor: number): LayerCost {
  const times = (figure: number | undefined) => (figure === undefined ? undefined : figure * factor);
  return {
    ...cost,
    latencyMs: cost.latencyMs * factor,
    energyMj: times(cost.energyMj),
    trafficBytes: times(cost.trafficBytes),
    computeMs: times(cost.computeMs),
    memoryMs: times(cost.memoryMs),
    overheadMs: times(cost.overheadMs),
    ...(cost.spreadMs !== undefined && { spreadMs: cost.spreadMs * factor }),
  };
}
