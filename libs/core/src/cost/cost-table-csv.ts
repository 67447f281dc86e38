import { invalidField } from '../errors.js';
import type { Layer } from '../network/layers.js';
import type { CostTable, LayerCost } from './cost-table.js';

/** Columns of {@link toCostTableCsv}: the file format of cost tables. */
export const COST_TABLE_CSV_COLUMNS = [
  'index',
  'name',
  'kind',
  'weight_bits',
  'activation_bits',
  'latency_ms',
  'energy_mj',
  'traffic_bytes',
  'bound',
] as const;

/**
 * A cost table as CSV (RFC 4180, but with lines that end in LF): one header line, then one line for every layer,
 * counted or not, and pair of bits. Latency and energy are of the table's whole batch; energy is empty where the
 * hardware does not know it; numbers are written so that reading them gives the same number. Throws
 * `invalid_argument` when the layers are not those of the table.
 */
export function toCostTableCsv(table: CostTable, layers: readonly Layer[]): string {
  if (layers.length !== table.cells.length) {
    throw invalidField('layers', `has ${layers.length} layers, the table has ${table.cells.length}`, 'LAYER_COUNT');
  }
  const lines = layers.flatMap((layer, index) => layerLines(table, layer, index));
  return `${[COST_TABLE_CSV_COLUMNS.join(','), ...lines].join('\n')}\n`;
}

function layerLines(table: CostTable, layer: Layer, index: number): string[] {
  const rows = table.cells[index] ?? [];
  const start = `${index},${quoteField(layer.name)},${layer.kind}`;
  return rows.flatMap((row, weight) =>
    row.map((cost, activation) => {
      return `${start},${table.weightBits[weight]},${table.activationBits[activation]},${costFields(cost)}`;
    }),
  );
}

function costFields({ latencyMs, energyMj, trafficBytes, bound }: LayerCost): string {
  return `${latencyMs},${energyMj ?? ''},${trafficBytes ?? ''},${bound ?? ''}`;
}

/** A field in quotes where it must be: with a comma, a quote (doubled) or a line break in it. */
function quoteField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
