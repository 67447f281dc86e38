import type { FieldViolation } from '@bitwright/core';
import { layerShapeKey } from '@bitwright/hardware-kit';
import { z } from 'zod';
import { checkTable } from '../check-table.js';
import { countedFlagsOf, countedOf } from '../counted.js';
import { TABLE_LIMITS } from '../limits.js';
import type { LookupCell, LookupLayer, LookupTable } from '../lookup-table.js';
import { problemsOf, refuseTable, throwProblems } from '../refusals.js';
import { CELL_FIELDS, integerBetween, LAYER_FIELDS, toCell, trueOrFalse } from '../table-schema.js';
import { type CsvRow, type CsvRows, readNumber } from './csv-rows.js';

const TEXT_COLUMNS = ['name', 'kind', 'bound'];
const TRUTH_COLUMNS = ['counted', 'interpolated'];
const OPTIONAL_COLUMNS = [
  ...['index', 'name', 'energy_mj', 'traffic_bytes', 'bound', 'counted', 'compute_ms', 'memory_ms', 'overhead_ms'],
  ...['executed_weight_bits', 'executed_activation_bits', 'spread_ms', 'interpolated'],
];

/** What a cell costs; without the shapes of its layers a file is for people and spreadsheets, and no target. */
export const COST_COLUMNS: readonly string[] = [
  ...['index', 'name', 'kind', 'weight_bits', 'activation_bits', 'latency_ms', 'energy_mj', 'traffic_bytes', 'bound'],
];

/** In the order in which they are written; when they are read their order is free. */
export const CSV_COLUMNS: readonly string[] = [
  ...COST_COLUMNS,
  ...['batch', 'counted', 'in_channels', 'out_channels', 'kernel_height', 'kernel_width', 'stride', 'groups'],
  ...['input_height', 'input_width', 'output_height', 'output_width', 'compute_ms', 'memory_ms', 'overhead_ms'],
  ...['executed_weight_bits', 'executed_activation_bits', 'spread_ms', 'interpolated'],
];

/** Each column with its name in the schema: `weight_bits`, `weightBits`. */
const KEYS = CSV_COLUMNS.map(
  (column) => [column, column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())] as const,
);

const ROW = z.object({
  ...LAYER_FIELDS,
  ...CELL_FIELDS,
  index: integerBetween(0, TABLE_LIMITS.layers).optional(),
  name: LAYER_FIELDS.name.default(''),
  counted: trueOrFalse.default(true),
});
type Row = z.infer<typeof ROW> & { readonly line: number };

/**
 * Reads a line for every cell. Lines of one `index` and batch are one layer; without `index`, those of one name and
 * shape. Throws one `invalid_argument` that names `file`, lines and columns.
 */
export function parseCsvTable({ columns, rows }: CsvRows, file: string): LookupTable {
  assertColumns(columns, file);
  const groups = [...groupByLayer(parseRows(rows, file), file).values()];
  const layers = groups.map(([first, ...rest]) => toLayer(first as Row, [first as Row, ...rest]));
  const table = { source: undefined, device: {}, counted: countedOfGroups(groups, file), layers };
  return checkTable(table, file);
}

/** Writes a line for every cell. Numbers are written so that reading them gives the same number. */
export function formatCsvTable(table: LookupTable, columns = CSV_COLUMNS): string {
  const counted = countedFlagsOf(table);
  const lines = table.layers.flatMap((layer, index) =>
    layer.cells.map((cell) => formatLine({ ...layer, ...cell, index, counted: counted[index] as boolean }, columns)),
  );
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

function assertColumns(columns: readonly string[], file: string): void {
  const unknown = columns.filter((column) => !CSV_COLUMNS.includes(column));
  if (unknown.length > 0) {
    throw refuseTable(
      file,
      `has unknown columns ${unknown.slice(0, 20).join(', ')}; the columns are ${CSV_COLUMNS.join(', ')}`,
    );
  }
  const missing = CSV_COLUMNS.filter((column) => !(columns.includes(column) || OPTIONAL_COLUMNS.includes(column)));
  if (missing.length === 0) return;
  const fix = 'tabulate with `--columns all`, or to a .json file, for a table that can be read';
  throw refuseTable(file, `lacks the columns ${missing.join(', ')}; ${fix}`);
}

function parseRows(rows: readonly CsvRow[], file: string): readonly Row[] {
  const problems: FieldViolation[] = [];
  const parsed: Row[] = [];
  for (const { line, fields } of rows) {
    const result = ROW.safeParse(toValues(fields));
    if (result.success) parsed.push(Object.assign(result.data, { line }));
    else problems.push(...problemsOf(result.error.issues, ([key]) => `${file}, line ${line}: ${columnOf(key)}`));
    if (problems.length > TABLE_LIMITS.problems) break;
  }
  throwProblems(problems, file);
  return parsed;
}

/** Values by the names that the schema has; empty fields are left out. */
function toValues(fields: CsvRow['fields']): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [column, key] of KEYS) {
    const text = fields[column] ?? '';
    if ((column === 'name' ? text : text.trim()) !== '') values[key] = toValue(column, text);
  }
  return values;
}

/** What is no number where one should be stays text, to be shown as it is. */
function toValue(column: string, text: string): string | number | boolean {
  if (TEXT_COLUMNS.includes(column)) return text;
  const word = text.trim();
  if (TRUTH_COLUMNS.includes(column)) return word === 'true' || (word === 'false' ? false : word);
  return readNumber(word);
}

function groupByLayer(rows: readonly Row[], file: string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.index ?? `${row.name};${layerShapeKey(row)}`};${row.batch}`;
    const [first] = groups.get(key) ?? [];
    if (first === undefined) groups.set(key, [row]);
    else if (isOneLayer(first, row)) groups.get(key)?.push(row);
    else
      throw refuseTable(
        `${file}, line ${row.line}: index`,
        `is ${row.index}, but line ${first.line} of that index is another layer`,
      );
  }
  return groups;
}

const isOneLayer = (first: Row, row: Row) =>
  first.name === row.name && first.counted === row.counted && layerShapeKey(first) === layerShapeKey(row);

function toLayer(row: Row, rows: readonly Row[]): LookupLayer {
  const shape = Object.fromEntries(Object.keys(LAYER_FIELDS).map((key) => [key, row[key as keyof Row]]));
  return { ...(shape as Omit<LookupLayer, 'cells'>), cells: rows.map(toCell) };
}

/** The layers of each batch are a network of their own; all must count in the same way. */
function countedOfGroups(groups: readonly (readonly Row[])[], file: string): LookupTable['counted'] {
  const batches = new Map<number, boolean[]>();
  for (const [first] of groups) {
    if (first === undefined) continue;
    const flags = batches.get(first.batch) ?? [];
    flags.push(first.counted);
    batches.set(first.batch, flags);
  }
  const ways = [...batches.values()].map((flags) => countedOf(flags, `${file}: counted`));
  if (new Set(ways).size === 1) return ways[0] as LookupTable['counted'];
  throw refuseTable(`${file}: counted`, 'is not the same for every batch');
}

type Line = LookupLayer & LookupCell & { readonly index: number; readonly counted: boolean };

function formatLine(line: Line, columns: readonly string[]): string {
  const keys = KEYS.filter(([column]) => columns.includes(column));
  return keys.map(([, key]) => quoteField(line[key as keyof Line])).join(',');
}

/** A field in quotes where it must be: with a comma, a quote (doubled) or a line break in it; empty where there is none. */
function quoteField(value: unknown): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const columnOf = (key: PropertyKey | undefined) => KEYS.find(([, name]) => name === key)?.[0] ?? String(key);
