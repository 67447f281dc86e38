import { parse } from 'csv-parse/sync';
import { TABLE_LIMITS } from '../limits.js';
import { refuseTable } from '../refusals.js';

/** One line of a CSV file: its number, from 1, and its fields by column. */
export type CsvRow = { readonly line: number; readonly fields: Readonly<Record<string, string>> };

export type CsvRows = { readonly columns: readonly string[]; readonly rows: readonly CsvRow[] };

/** Longest line that is read, characters: far beyond what any format has. */
const LONGEST_LINE = 100_000;

/** Reads CSV (RFC 4180) with a header. Throws `invalid_argument` for what is none, and for one with too many lines. */
export function readCsvRows(content: string, file: string): CsvRows {
  const [header, ...records] = parseRecords(content, file);
  const columns = (header?.record ?? []).map((column) => column.trim());
  const twice = columns.find((column, position) => columns.indexOf(column) !== position);
  if (twice !== undefined) throw refuseTable(file, `has the column "${twice}" twice`);
  if (records.length === 0) throw refuseTable(file, 'has no line after its header');
  if (records.length > TABLE_LIMITS.cells) throw refuseTable(file, `has more than ${TABLE_LIMITS.cells} lines`);
  const rows = records.map(({ record, info }) => ({
    line: info.lines,
    fields: Object.fromEntries(columns.map((column, position) => [column, record[position] ?? ''])),
  }));
  return { columns, rows };
}

/** A decimal number, or the text itself where it is none, so that a refusal can show it. */
export function readNumber(text: string): number | string {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;
}

type Parsed = readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];

function parseRecords(content: string, file: string): Parsed {
  if (content.split('\n').some((line) => line.length > LONGEST_LINE))
    throw refuseTable(file, `is no CSV: a line has more than ${LONGEST_LINE} characters`);
  try {
    return parse(content, {
      ...{ bom: true, info: true, skip_empty_lines: true, max_record_size: LONGEST_LINE },
      to: TABLE_LIMITS.cells + 2,
    }) as unknown as Parsed;
  } catch (error) {
    throw refuseTable(file, `is no CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
}
