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

/** A cost for every layer and pair of bits: `cells[layer][i][j]` for `weightBits[i]`, `activationBits[j]`. */
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
  readonly cells: readonly (readonly (readonly LayerCost[])[])[];
};

/** The cell for a layer; throws `unsupported` when the table has no such precision. */
export function costCell(table: CostTable, layer: number, weightBits: number, activationBits: number): LayerCost {
  const row = table.cells[layer]?.[table.weightBits.indexOf(weightBits)];
  const cell = row?.[table.activationBits.indexOf(activationBits)];
  if (cell !== undefined) return cell;
  const message = `${table.hardware} has no cost for layer ${layer} at ${weightBits}-bit weights and ${activationBits}-bit activations`;
  throw new BitwrightError('unsupported', 'PRECISION_UNSUPPORTED', message);
}
