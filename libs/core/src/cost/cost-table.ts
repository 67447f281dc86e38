import { BitwrightError } from '../errors.js';

/** What limits a layer's time on the hardware. */
export type Bound = 'compute' | 'memory' | 'overhead';

/** How an answer came about. */
export type Provenance = 'simulated' | 'table' | 'measured';

/**
 * Cost of one layer at one pair of bits. Latency is that of the whole batch in ms; energy, in mJ for the whole batch,
 * is absent where the hardware does not know it.
 */
export type LayerCost = {
  readonly latencyMs: number;
  readonly energyMj: number | undefined;
  /** Bytes moved to and from off-chip memory. */
  readonly trafficBytes: number;
  readonly bound: Bound;
  /** Parts of the time: what compute, memory and overhead would each take alone, ms. */
  readonly computeMs: number;
  readonly memoryMs: number;
  readonly overheadMs: number;
  /** Precision that the hardware really runs when asked for this one. */
  readonly executedWeightBits: number;
  readonly executedActivationBits: number;
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
