import { type CostTable, invalidField, type LayerCost, type LayerFailure } from '@bitwright/core';
import { bounds, fromWireLayerCost, provenances } from './cost.js';
import {
  limitText,
  mapEntries,
  requireBitChoices,
  requireInteger,
  requireLength,
  requireMessage,
  requireText,
} from './fields.js';
import type * as wire from './gen/bitwright/common/v1/cost.js';
import { LIMITS } from './limits.js';

/** Columns of one entry per cell, with their names on the wire. */
const FULL_COLUMNS = {
  latencyMs: 'latency_ms',
  bound: 'bound',
  executedWeightBits: 'executed_weight_bits',
  executedActivationBits: 'executed_activation_bits',
} as const;

/** Columns that may be empty; amounts that are not known in a single cell are NaN there. */
const SPARSE_COLUMNS = {
  energyMj: 'energy_mj',
  trafficBytes: 'traffic_bytes',
  computeMs: 'compute_ms',
  memoryMs: 'memory_ms',
  overheadMs: 'overhead_ms',
  spreadMs: 'spread_ms',
  interpolated: 'interpolated',
} as const;

/** Packs the cells into columns, layer by layer, weight bits by weight bits. */
export function toWireCostTable(table: CostTable): wire.CostTable {
  const cells = table.cells.flat(2);
  const amounts = (amountOf: (cell: LayerCost) => number | undefined) => {
    const column = cells.map((cell) => (cell === undefined ? undefined : amountOf(cell)) ?? Number.NaN);
    return column.every(Number.isNaN) ? [] : column;
  };
  const hasGuess = cells.some((cell) => cell?.interpolated === true);
  return {
    hardware: table.hardware,
    batch: table.batch,
    weightBits: [...table.weightBits],
    activationBits: [...table.activationBits],
    counted: [...table.counted],
    provenance: provenances.toWire(table.provenance),
    latencyMs: cells.map((cell) => cell?.latencyMs ?? Number.NaN),
    energyMj: amounts((cell) => cell.energyMj),
    trafficBytes: amounts((cell) => cell.trafficBytes),
    bound: cells.map((cell) => bounds.toWireOptional(cell?.bound)),
    computeMs: amounts((cell) => cell.computeMs),
    memoryMs: amounts((cell) => cell.memoryMs),
    overheadMs: amounts((cell) => cell.overheadMs),
    executedWeightBits: cells.map((cell) => cell?.executedWeightBits ?? 0),
    executedActivationBits: cells.map((cell) => cell?.executedActivationBits ?? 0),
    spreadMs: amounts((cell) => cell.spreadMs),
    interpolated: hasGuess ? cells.map((cell) => cell?.interpolated === true) : [],
    failures: (table.failures ?? []).map(({ layer, message }) => ({ layer, message })),
  };
}

/** Throws `invalid_argument` naming the field, also when a column does not have layers x weight bits x activation bits entries. */
export function fromWireCostTable(message: wire.CostTable | undefined, field: string): CostTable {
  const table = requireMessage(message, field);
  const head = {
    hardware: requireText(table.hardware, `${field}.hardware`),
    batch: requireInteger(table.batch, `${field}.batch`, { min: 1, max: LIMITS.batch }),
    weightBits: requireBitChoices(table.weightBits, `${field}.weight_bits`),
    activationBits: requireBitChoices(table.activationBits, `${field}.activation_bits`),
    counted: [...requireLength(table.counted, `${field}.counted`, { min: 1, max: LIMITS.layers })],
    provenance: provenances.fromWire(table.provenance, `${field}.provenance`),
  };
  assertColumns(table, field);
  const failures = fromWireFailures(table, field);
  return { ...head, cells: unpackCells(table, field), ...(failures.length === 0 ? {} : { failures }) };
}

function fromWireFailures({ failures, counted }: wire.CostTable, field: string): readonly LayerFailure[] {
  const layers = { min: 0, max: counted.length - 1 };
  return mapEntries(failures, `${field}.failures`, { min: 0, max: counted.length }, ({ layer, message }, path) => ({
    layer: requireInteger(layer, `${path}.layer`, layers),
    message: limitText(message, `${path}.message`),
  }));
}

function assertColumns(table: wire.CostTable, field: string): void {
  const expected = table.counted.length * table.weightBits.length * table.activationBits.length;
  const assertLength = (found: number, name: string) => {
    if (found === expected) return;
    throw invalidField(`${field}.${name}`, `has ${found} entries; the table has ${expected} cells`, 'LIST_LENGTH');
  };
  for (const [key, name] of Object.entries(FULL_COLUMNS)) {
    assertLength(table[key as keyof typeof FULL_COLUMNS].length, name);
  }
  for (const [key, name] of Object.entries(SPARSE_COLUMNS)) {
    const { length } = table[key as keyof typeof SPARSE_COLUMNS];
    if (length > 0) assertLength(length, name);
  }
}

function unpackCells(table: wire.CostTable, field: string): CostTable['cells'] {
  const { counted, weightBits, activationBits } = table;
  return counted.map((_, layer) =>
    weightBits.map((_bits, i) =>
      activationBits.map((_activation, j) => {
        const position = (layer * weightBits.length + i) * activationBits.length + j;
        // The hardware has no cost here; any other NaN is refused below.
        if (Number.isNaN(table.latencyMs[position]) && table.executedWeightBits[position] === 0) return undefined;
        return fromWireLayerCost(cellAt(table, position), `${field}.cells[${position}]`);
      }),
    ),
  );
}

function cellAt(table: wire.CostTable, position: number): wire.LayerCost {
  const at = <T>(column: readonly T[]) => column[position] as T;
  return {
    latencyMs: at(table.latencyMs),
    energyMj: amountAt(table.energyMj, position),
    trafficBytes: amountAt(table.trafficBytes, position),
    bound: at(table.bound),
    computeMs: amountAt(table.computeMs, position),
    memoryMs: amountAt(table.memoryMs, position),
    overheadMs: amountAt(table.overheadMs, position),
    executedWeightBits: at(table.executedWeightBits),
    executedActivationBits: at(table.executedActivationBits),
    spreadMs: amountAt(table.spreadMs, position),
    interpolated: table.interpolated[position] === true,
  };
}

function amountAt(column: readonly number[], position: number): number | undefined {
  const amount = column[position];
  return amount === undefined || Number.isNaN(amount) ? undefined : amount;
}
