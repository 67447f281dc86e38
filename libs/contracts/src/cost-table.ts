import { type CostTable, invalidField, type LayerCost } from '@bitwright/core';
import { bounds, fromWireLayerCost, provenances } from './cost.js';
import { requireBitChoices, requireInteger, requireLength, requireMessage, requireText } from './fields.js';
import type * as wire from './gen/bitwright/common/v1/cost.js';
import { LIMITS } from './limits.js';

/** Columns of one entry per cell, with their names on the wire; `energy_mj` may be empty instead. */
const COLUMNS = {
  latencyMs: 'latency_ms',
  trafficBytes: 'traffic_bytes',
  bound: 'bound',
  computeMs: 'compute_ms',
  memoryMs: 'memory_ms',
  overheadMs: 'overhead_ms',
  executedWeightBits: 'executed_weight_bits',
  executedActivationBits: 'executed_activation_bits',
} as const;

/** Packs the cells into columns, layer by layer, weight bits by weight bits. */
export function toWireCostTable(table: CostTable): wire.CostTable {
  const cells = table.cells.flat(2);
  const knowsEnergy = cells.some(({ energyMj }) => energyMj !== undefined);
  return {
    hardware: table.hardware,
    batch: table.batch,
    weightBits: [...table.weightBits],
    activationBits: [...table.activationBits],
    counted: [...table.counted],
    provenance: provenances.toWire(table.provenance),
    latencyMs: cells.map((cell) => cell.latencyMs),
    energyMj: knowsEnergy ? cells.map((cell) => cell.energyMj ?? Number.NaN) : [],
    trafficBytes: cells.map((cell) => cell.trafficBytes),
    bound: cells.map((cell) => bounds.toWire(cell.bound)),
    computeMs: cells.map((cell) => cell.computeMs),
    memoryMs: cells.map((cell) => cell.memoryMs),
    overheadMs: cells.map((cell) => cell.overheadMs),
    executedWeightBits: cells.map((cell) => cell.executedWeightBits),
    executedActivationBits: cells.map((cell) => cell.executedActivationBits),
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
  return { ...head, cells: unpackCells(table, field) };
}

function assertColumns(table: wire.CostTable, field: string): void {
  const expected = table.counted.length * table.weightBits.length * table.activationBits.length;
  const assertLength = (found: number, name: string) => {
    if (found === expected) return;
    throw invalidField(`${field}.${name}`, `has ${found} entries; the table has ${expected} cells`, 'LIST_LENGTH');
  };
  for (const [key, name] of Object.entries(COLUMNS)) assertLength(table[key as keyof typeof COLUMNS].length, name);
  if (table.energyMj.length > 0) assertLength(table.energyMj.length, 'energy_mj');
}

function unpackCells(table: wire.CostTable, field: string): readonly (readonly (readonly LayerCost[])[])[] {
  const { counted, weightBits, activationBits } = table;
  return counted.map((_, layer) =>
    weightBits.map((_bits, i) =>
      activationBits.map((_activation, j) => {
        const position = (layer * weightBits.length + i) * activationBits.length + j;
        return fromWireLayerCost(cellAt(table, position), `${field}.cells[${position}]`);
      }),
    ),
  );
}

function cellAt(table: wire.CostTable, position: number): wire.LayerCost {
  const at = <T>(column: readonly T[]) => column[position] as T;
  const energyMj = table.energyMj[position];
  return {
    latencyMs: at(table.latencyMs),
    energyMj: energyMj === undefined || Number.isNaN(energyMj) ? undefined : energyMj,
    trafficBytes: at(table.trafficBytes),
    bound: at(table.bound),
    computeMs: at(table.computeMs),
    memoryMs: at(table.memoryMs),
    overheadMs: at(table.overheadMs),
    executedWeightBits: at(table.executedWeightBits),
    executedActivationBits: at(table.executedActivationBits),
  };
}
