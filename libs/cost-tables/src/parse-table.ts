import { formatCsvTable, parseCsvTable } from './formats/csv.js';
import { readCsvRows } from './formats/csv-rows.js';
import { formatJsonTable, parseJsonTable } from './formats/json.js';
import { isModelOptimizerTable, parseModelOptimizerTable } from './formats/model-optimizer.js';
import { formatNpyTable } from './formats/npy.js';
import { TABLE_LIMITS } from './limits.js';
import type { LookupTable } from './lookup-table.js';
import { refuseTable } from './refusals.js';

export const TABLE_FORMATS = ['json', 'csv', 'npy'] as const;
export type TableFormat = (typeof TABLE_FORMATS)[number];

/** The format that a file's extension names. Throws `invalid_argument` for any other. */
export function tableFormatOf(file: string): TableFormat {
  const extension = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase();
  const format = TABLE_FORMATS.find((candidate) => candidate === extension);
  if (format !== undefined) return format;
  throw refuseTable(file, `has no extension that names a format of cost tables; use .${TABLE_FORMATS.join(', .')}`);
}

/**
 * Reads a table that says all of itself: JSON or CSV, by the extension of `file`, which names it in errors. Throws one
 * `invalid_argument` for all that is wrong; an array (`.npy`) needs more than its bytes: see {@link parseNpyTable}.
 */
export function parseTable(bytes: Uint8Array, file: string): LookupTable {
  const format = tableFormatOf(file);
  if (bytes.length > TABLE_LIMITS.fileBytes)
    throw refuseTable(file, `has ${bytes.length} bytes; the limit is ${TABLE_LIMITS.fileBytes}`);
  switch (format) {
    case 'json':
      return parseJsonTable(decode(bytes, file), file);
    case 'csv': {
      const rows = readCsvRows(decode(bytes, file), file);
      return isModelOptimizerTable(rows) ? parseModelOptimizerTable(rows, file) : parseCsvTable(rows, file);
    }
    case 'npy':
      throw refuseTable(file, 'says nothing of its layers; make a table of it with `bitwright hardware convert`');
  }
}

/** Writes a table in a format. Throws `invalid_argument` when the format cannot hold it. */
export function formatTable(table: LookupTable, format: TableFormat): Uint8Array {
  switch (format) {
    case 'json':
      return new TextEncoder().encode(formatJsonTable(table));
    case 'csv':
      return new TextEncoder().encode(formatCsvTable(table));
    case 'npy':
      return formatNpyTable(table);
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuseTable(file, 'is no UTF-8 text');
  }
}
