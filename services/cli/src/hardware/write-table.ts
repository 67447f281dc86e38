import { resolve } from 'node:path';
import {
  COST_COLUMNS,
  formatCsvTable,
  formatTable,
  type LookupTable,
  type TableFormat,
  tableFormatOf,
} from '@bitwright/cost-tables';
import { wrongFlag } from '../flags/flag.js';
import { writeOut } from '../out-files.js';
import { printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';
import { formatBits } from '../terminal/format.js';

/** Where a table goes: standard output, as CSV, or a file in the format of its extension. */
export type TableOutput = {
  readonly path: string | undefined;
  readonly format: TableFormat;
  /** Whether CSV has only what a cell costs, and not the shapes of the layers. */
  readonly costsOnly?: boolean;
};

/** What `--out` says; `-` is standard output. Throws `invalid_argument` for an extension that names no format. */
export function readTableOutput(out: string): TableOutput {
  if (out === '-') return { path: undefined, format: 'csv' };
  try {
    return { path: out, format: tableFormatOf(out) };
  } catch {
    throw wrongFlag('out', `is "${out}"; the extension names the format: use .csv, .json or .npy, or - to print CSV`);
  }
}

/** Writes the table, and says on standard error what was written to a file. */
export async function writeTable(
  table: LookupTable,
  { path, format, costsOnly = false }: TableOutput,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, stderr, folder } = surroundings;
  const bytes =
    format === 'csv' && costsOnly
      ? new TextEncoder().encode(formatCsvTable(table, COST_COLUMNS))
      : formatTable(table, format);
  if (path === undefined) return void stdout.write(Buffer.from(bytes).toString());
  await writeOut(resolve(folder, path), bytes);
  printLine(
    stderr,
    `${path}: ${describeTable(table)}${format === 'npy' ? '; milliseconds [layer][weight bits][activation bits]' : ''}`,
  );
}

function describeTable({ layers, source }: LookupTable): string {
  const cells = layers.flatMap((layer) => layer.cells);
  const distinct = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
  const weightBits = formatBits(distinct(cells.map((cell) => cell.weightBits)));
  const activationBits = formatBits(distinct(cells.map((cell) => cell.activationBits)));
  const batches = distinct(layers.map(({ batch }) => batch)).join(', ');
  const origin = source === undefined ? '' : `, ${source.provenance}`;
  const count = layers.length === 1 ? '1 layer' : `${layers.length} layers`;
  return `${count}, weights ${weightBits} bit, activations ${activationBits} bit, batch ${batches}${origin}`;
}
