import type { FieldViolation } from '@bitwright/core';
import { z } from 'zod';
import { checkTable } from '../check-table.js';
import { TABLE_LIMITS } from '../limits.js';
import type { LookupLayer, LookupTable, TableSource } from '../lookup-table.js';
import { problemsOf, refuseTable, throwProblems } from '../refusals.js';
import { integerBetween, LAYER_FIELDS, numberAbove, oneOf, textUpTo, toCell } from '../table-schema.js';
import { type CsvRow, type CsvRows, readNumber } from './csv-rows.js';

/** The version that can be read; each line of a file names it. */
const SCHEMA_VERSION = 'haq_latency_v1';

/** Formats that have a width of ours for both operands. Bfloat16 and 16-bit activations have none. */
const BITS_OF_FORMAT: ReadonlyMap<string, number> = new Map([
  ['FP8', 8],
  ['NVFP4_W4A4', 4],
]);

const NEEDED_COLUMNS = [
  ...[
    'schema_version',
    'deployment_profile',
    'group_pattern',
    'runtime_format',
    'm',
    'n',
    'k',
    'latency_us',
    'op_kind',
  ],
  'hardware',
];

const text = textUpTo(TABLE_LIMITS.text);
const ROW = z.object({
  schema_version: z.literal(SCHEMA_VERSION, { error: () => `must be ${SCHEMA_VERSION}; no other version is known` }),
  deployment_profile: text,
  group_pattern: text,
  op_kind: oneOf(['gemm', 'moe']),
  runtime_format: text,
  measured_runtime_format: text.default(''),
  hardware: textUpTo(TABLE_LIMITS.name),
});
const PRODUCT = z.object({
  m: integerBetween(1, TABLE_LIMITS.batch),
  n: LAYER_FIELDS.outChannels,
  k: LAYER_FIELDS.inChannels,
  latency_us: numberAbove(0, TABLE_LIMITS.amount),
});
type Row = z.infer<typeof ROW> & { readonly line: number; readonly fields: CsvRow['fields'] };

/** Whether this is a table of Model Optimizer's, by its header. */
export function isModelOptimizerTable({ columns }: CsvRows): boolean {
  return columns.includes('schema_version');
}

/**
 * Reads a latency table of NVIDIA's Model Optimizer (`haq_latency_v1`). A product of m x k by k x n, measured in FP8 or
 * NVFP4 (W4A4), is a fully connected layer from k to n at batch m, with 8 or 4 bits for both operands. What has no
 * counterpart (mixtures of experts, other formats) is left out, and the table's description counts it. Throws one
 * `invalid_argument` that names `file`, lines and columns, also when nothing is left.
 */
export function parseModelOptimizerTable(content: CsvRows, file: string): LookupTable {
  const missing = NEEDED_COLUMNS.filter((column) => !content.columns.includes(column));
  if (missing.length > 0) throw refuseTable(file, `lacks the columns ${missing.join(', ')}`);
  const problems: FieldViolation[] = [];
  const rows = content.rows.flatMap((row) => parseRow(row, file, problems));
  const layers = rows.filter(hasCounterpart).flatMap((row) => parseProduct(row, file, problems));
  throwProblems(problems, file);
  const source = sourceOf(rows, file);
  if (layers.length === 0)
    throw refuseTable(file, `has no product in ${[...BITS_OF_FORMAT.keys()].join(' or ')}; ${source.description}`);
  return checkTable({ source, device: {}, counted: 'all', layers }, file);
}

/** What was really run: a format may be priced with the measurement of another. */
const measuredFormat = (row: Row) => row.measured_runtime_format || row.runtime_format;

const hasCounterpart = (row: Row) => row.op_kind === 'gemm' && BITS_OF_FORMAT.has(measuredFormat(row));

function parseRow({ line, fields }: CsvRow, file: string, problems: FieldViolation[]): readonly Row[] {
  const result = ROW.safeParse(fields);
  if (result.success) return [{ ...result.data, line, fields }];
  problems.push(...problemsOf(result.error.issues, (path) => `${file}, line ${line}: ${path.join('.')}`));
  return [];
}

function parseProduct(row: Row, file: string, problems: FieldViolation[]): readonly LookupLayer[] {
  const numbers = Object.entries(row.fields).filter(([column]) => column in PRODUCT.shape);
  const result = PRODUCT.safeParse(Object.fromEntries(numbers.map(([column, value]) => [column, readNumber(value)])));
  if (!result.success) {
    problems.push(...problemsOf(result.error.issues, (path) => `${file}, line ${row.line}: ${path.join('.')}`));
    return [];
  }
  const { m, n, k, latency_us: latencyMicroseconds } = result.data;
  const bits = BITS_OF_FORMAT.get(measuredFormat(row)) as number;
  const one = { kernelHeight: 1, kernelWidth: 1, stride: 1, groups: 1 };
  const sizes = { inputHeight: 1, inputWidth: 1, outputHeight: 1, outputWidth: 1 };
  const cell = toCell({ weightBits: bits, activationBits: bits, latencyMs: latencyMicroseconds / 1e3 });
  const name = row.group_pattern.slice(0, TABLE_LIMITS.name);
  return [{ name, kind: 'fully-connected', batch: m, inChannels: k, outChannels: n, ...one, ...sizes, cells: [cell] }];
}

/** Profile and hardware, which must be one in a file, and how much of it was left out. */
function sourceOf(rows: readonly Row[], file: string): TableSource {
  const onlyOne = (key: 'deployment_profile' | 'hardware') => {
    const values = [...new Set(rows.map((row) => row[key]))];
    if (values.length === 1) return values[0] as string;
    throw refuseTable(`${file}: ${key}`, `is not one (${values.slice(0, 5).join(', ')}); keep the lines of one`);
  };
  const leftOut = new Map<string, number>();
  for (const row of rows.filter((candidate) => !hasCounterpart(candidate))) {
    const reason = row.op_kind === 'moe' ? 'of mixtures of experts' : `in ${measuredFormat(row)}`;
    leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
  }
  const counts = [...leftOut].map(([reason, count]) => `${count} ${reason}`).join(', ') || 'none';
  const description = `Model Optimizer ${SCHEMA_VERSION}, profile ${onlyOne('deployment_profile')}; lines without a counterpart, left out: ${counts}`;
  return { hardware: onlyOne('hardware'), version: SCHEMA_VERSION, description, provenance: 'measured' };
}
