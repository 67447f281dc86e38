import { z } from 'zod';
import { assertSize, checkTable } from '../check-table.js';
import { TABLE_LIMITS } from '../limits.js';
import type { LookupLayer, LookupTable } from '../lookup-table.js';
import { problemsOf, refuseTable, throwProblems } from '../refusals.js';
import { CELL_FIELDS, fromCell, LAYER_FIELDS, oneOf, textUpTo, toCell } from '../table-schema.js';
import { COMPARISONS, CONVERSIONS, MEASUREMENT } from './measurement.js';

/** Version of the format. */
export const TABLE_SCHEMA = 'bitwright.cost-table/1';
/** The same with records of how a table was measured and checked; a table without them is written in version 1. */
export const MEASURED_TABLE_SCHEMA = 'bitwright.cost-table/2';

const text = textUpTo(TABLE_LIMITS.text);

const FILE = z.strictObject({
  schema: z.literal([TABLE_SCHEMA, MEASURED_TABLE_SCHEMA], {
    error: () =>
      `must be "${TABLE_SCHEMA}" or "${MEASURED_TABLE_SCHEMA}"; this is no cost table, or one of another version`,
  }),
  source: z
    .strictObject({
      hardware: textUpTo(TABLE_LIMITS.name),
      version: text.default(''),
      description: text.default(''),
      provenance: oneOf(['simulated', 'table', 'measured']),
    })
    .optional(),
  device: z
    .record(textUpTo(TABLE_LIMITS.name), textUpTo(TABLE_LIMITS.name))
    .refine(
      (device) => Object.keys(device).length <= TABLE_LIMITS.deviceEntries,
      `has more than ${TABLE_LIMITS.deviceEntries} entries`,
    )
    .default({}),
  measurement: MEASUREMENT.optional(),
  comparisons: COMPARISONS.optional(),
  conversions: CONVERSIONS.optional(),
  counted: oneOf(['all', 'without-first-and-last']).default('all'),
  layers: z.array(z.strictObject({ ...LAYER_FIELDS, cells: z.array(z.strictObject(CELL_FIELDS)) })),
});

/** Reads Bitwright's own format. Throws one `invalid_argument` that names `file` and every field that is wrong. */
export function parseJsonTable(content: string, file: string): LookupTable {
  const parsed = parseJson(content, file);
  // Before each of very many layers is looked at.
  if (isObject(parsed) && Array.isArray(parsed['layers'])) assertSize(parsed['layers'], file);
  const result = FILE.safeParse(parsed);
  if (!result.success)
    throwProblems(
      problemsOf(result.error.issues, (path) => placeOf(file, path)),
      file,
    );
  const { source, device, measurement, comparisons, conversions, counted, layers } = result.data as z.infer<
    typeof FILE
  >;
  const table = {
    source,
    device,
    ...(measurement === undefined ? {} : { measurement }),
    ...(comparisons === undefined ? {} : { comparisons }),
    ...(conversions === undefined ? {} : { conversions }),
    counted,
    layers: layers.map((layer) => ({ ...layer, cells: layer.cells.map(toCell) })),
  };
  return checkTable(table, file);
}

/** Writes it: a line for every cell, what is not known left out. */
export function formatJsonTable(table: LookupTable): string {
  const { source, device, measurement, comparisons, conversions, counted, layers } = table;
  const isMeasured = [measurement, comparisons, conversions].some((part) => part !== undefined);
  const schema = isMeasured ? MEASURED_TABLE_SCHEMA : TABLE_SCHEMA;
  const head = Object.entries({ schema, source, device, measurement, comparisons, conversions, counted }).filter(
    ([, value]) => value !== undefined,
  );
  const lines = head.map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  return `{\n${lines.join('\n')}\n  "layers": [\n${layers.map(formatLayer).join(',\n')}\n  ]\n}\n`;
}

function formatLayer({ cells, ...layer }: LookupLayer): string {
  const lines = cells.map((cell) => `      ${JSON.stringify(fromCell(cell))}`);
  return `    {${JSON.stringify(layer).slice(1, -1)}, "cells": [\n${lines.join(',\n')}\n    ]}`;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function parseJson(content: string, file: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw refuseTable(file, `is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `table.json: layers[3].cells[2].latencyMs`. */
function placeOf(file: string, path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return steps === '' ? file : `${file}: ${steps.replace(/^\./, '')}`;
}
