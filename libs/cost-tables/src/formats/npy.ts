import { invalidField, type Layer } from '@bitwright/core';
import { type NpyArray, readNpy, writeNpy } from '@bitwright/npy';
import { checkTable } from '../check-table.js';
import { TABLE_LIMITS } from '../limits.js';
import type { LookupCell, LookupTable } from '../lookup-table.js';
import { refuseTable } from '../refusals.js';
import { toCell } from '../table-schema.js';
import { lookupLayer } from '../to-lookup-table.js';

/** All that an array does not say of itself. */
export type NpyTableOptions = {
  /** The network that was priced: layer i has the costs `[i]`. */
  readonly layers: readonly Layer[];
  /** Images in one batch. */
  readonly batch: number;
  readonly counted: LookupTable['counted'];
  /** Bits of the second and the third axis; from 1 unless they are given. */
  readonly weightBits?: readonly number[] | undefined;
  readonly activationBits?: readonly number[] | undefined;
  /** Makes cycles milliseconds; the numbers are milliseconds without it. */
  readonly clockMegahertz?: number | undefined;
};

/**
 * Reads an array `[layers][weight bits][activation bits]`: float64 milliseconds, or cycles (int64, as HAQ's tables are,
 * or float64) at a clock. Throws one `invalid_argument` that names `file` and what is wrong.
 */
export function parseNpyTable(bytes: Uint8Array, file: string, options: NpyTableOptions): LookupTable {
  const array = readNpy(bytes, { types: ['<f8', '<i8'], refuse: (problem) => refuseTable(file, problem) });
  const { layers, batch, counted, clockMegahertz } = options;
  if (array.type === '<i8' && clockMegahertz === undefined)
    throw refuseTable(file, 'holds integers, which are cycles; give the clock in MHz');
  const axes = readAxes(array, file, options);
  const latencies = readLatencies(array, file, clockMegahertz);
  const rows = layers.map((layer, index) => lookupLayer(layer, batch, cellsOf(latencies, index, axes)));
  const device: LookupTable['device'] = clockMegahertz === undefined ? {} : { clock: `${clockMegahertz} MHz` };
  return checkTable({ source: undefined, device, counted, layers: rows }, file);
}

/**
 * Writes the latencies: float64 milliseconds `[layers][weight bits][activation bits]`. An array has no place for which
 * bits these are, nor for anything else. Throws `invalid_argument` unless all layers have the same pairs of bits.
 */
export function formatNpyTable({ layers }: LookupTable): Uint8Array {
  const cells = layers.flatMap((layer) => layer.cells);
  const axisOf = (key: 'weightBits' | 'activationBits') =>
    [...new Set(cells.map((cell) => cell[key]))].sort((a, b) => a - b);
  const [weightBits, activationBits] = [axisOf('weightBits'), axisOf('activationBits')];
  const latencies = layers.flatMap((layer) => {
    const byPair = new Map(layer.cells.map((cell) => [pairKey(cell.weightBits, cell.activationBits), cell.latencyMs]));
    return weightBits.flatMap((weight) =>
      activationBits.map(
        (activation) => byPair.get(pairKey(weight, activation)) ?? throwHole(layer.name, weight, activation),
      ),
    );
  });
  return writeNpy([layers.length, weightBits.length, activationBits.length], Float64Array.from(latencies));
}

type Axes = { readonly weightBits: readonly number[]; readonly activationBits: readonly number[] };

const from1To = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Bits by position. Throws when the shape is not that of the network and the bits. */
function readAxes({ shape }: NpyArray, file: string, options: NpyTableOptions): Axes {
  const [layerCount = 0, weightCount = 0, activationCount = 0] = shape;
  const cells = layerCount * weightCount * activationCount;
  if (shape.length !== 3 || cells === 0 || cells > TABLE_LIMITS.cells) {
    const found = `has shape (${shape.join(', ')})`;
    throw refuseTable(
      file,
      `${found}; use (layers, weight bits, activation bits), at most ${TABLE_LIMITS.cells} in all`,
    );
  }
  if (layerCount !== options.layers.length)
    throw refuseTable(file, `has costs of ${layerCount} layers; the network has ${options.layers.length}`);
  const { weightBits = from1To(weightCount), activationBits = from1To(activationCount) } = options;
  assertAxis(weightBits, weightCount, 'weight', file);
  assertAxis(activationBits, activationCount, 'activation', file);
  return { weightBits, activationBits };
}

function assertAxis(bits: readonly number[], count: number, name: string, file: string): void {
  if (bits.length !== count)
    throw refuseTable(file, `has ${count} ${name} bits; ${bits.length} were given (${bits.join(', ')})`);
  if (bits.some((width) => !Number.isInteger(width) || width < 1 || width > 8))
    throw refuseTable(file, `has ${count} ${name} bits (${bits.join(', ')}); bits are from 1 to 8`);
}

function readLatencies(
  { type, data, shape }: NpyArray,
  file: string,
  clockMegahertz: number | undefined,
): Float64Array {
  if (clockMegahertz !== undefined && !(clockMegahertz > 0 && Number.isFinite(clockMegahertz)))
    throw invalidField('clock', `is ${clockMegahertz} MHz; use a number above 0`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const cyclesInAMillisecond = clockMegahertz === undefined ? 1 : clockMegahertz * 1e3;
  return Float64Array.from({ length: data.length / 8 }, (_, index) => {
    const value = type === '<f8' ? view.getFloat64(8 * index, true) : Number(view.getBigInt64(8 * index, true));
    // Also the -1 of HAQ's policies: it stands for a precision there, never for a cost.
    if (!(value >= 0 && value <= TABLE_LIMITS.amount))
      throw refuseTable(`${file}${placeOf(index, shape)}`, `is ${value}; use a number, at least 0`);
    return value / cyclesInAMillisecond;
  });
}

/** `[3][7][7]`: layer, weight bits, activation bits, by position from 0. */
function placeOf(index: number, [, weightCount = 1, activationCount = 1]: readonly number[]): string {
  const row = Math.floor(index / activationCount);
  return `[${Math.floor(row / weightCount)}][${row % weightCount}][${index % activationCount}]`;
}

function cellsOf(latencies: Float64Array, layer: number, { weightBits, activationBits }: Axes): readonly LookupCell[] {
  const start = layer * weightBits.length * activationBits.length;
  return weightBits.flatMap((weight, i) =>
    activationBits.map((activation, j) => {
      const latencyMs = latencies[start + i * activationBits.length + j] as number;
      return toCell({ weightBits: weight, activationBits: activation, latencyMs });
    }),
  );
}

const pairKey = (weightBits: number, activationBits: number) => `${weightBits}/${activationBits}`;

function throwHole(name: string, weightBits: number, activationBits: number): never {
  const problem = `layer ${name} has no cost at ${pairKey(weightBits, activationBits)} bits, and an array has no holes; use JSON or CSV`;
  throw invalidField('table', problem, 'COST_TABLE');
}
