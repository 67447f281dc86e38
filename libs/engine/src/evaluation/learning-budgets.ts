import {
  BitwrightError,
  type CostTable,
  costCell,
  isPinned,
  type Layer,
  type LayerPrecision,
  type PinRule,
  type PrecisionBudget,
  type PrecisionLimit,
  type PrecisionWidths,
  widerPrecision,
} from '@bitwright/core';
import type { BitBudget } from './bit-budget.js';

/**
 * A budget as sums over layers; bits that are not among `widths` cost what the next wider ones do. Throws
 * `invalid_argument` for a table of another network, and `unsupported` where a table lacks what the bits that learning
 * starts with cost.
 */
export function bitBudgets(
  budget: PrecisionBudget,
  layers: readonly Layer[],
  pin: PinRule,
  widths?: PrecisionWidths,
): readonly BitBudget[] {
  const budgets = budgetsOf(budget, layers, pin);
  if (widths === undefined) return budgets;
  return budgets.map((each) => ({ ...each, cost: (layer, bits) => each.cost(layer, widerPrecision(widths, bits)) }));
}

function budgetsOf(budget: PrecisionBudget, layers: readonly Layer[], pin: PinRule): readonly BitBudget[] {
  if (budget.kind === 'limits') return budget.limits.map((limit) => limitedBudget(limit, layers));
  const free = layers.filter(({ index }) => !isPinned(index, layers.length, pin));
  const total = (count: (layer: Layer) => number) => free.reduce((sum, layer) => sum + count(layer), 0);
  const counted = (index: number) => free.find((layer) => layer.index === index);
  const [weights, elements] = [total((layer) => layer.weights), total(({ inputElements }) => inputElements)];
  return [
    {
      ...{ name: 'a mean of weight bits', limit: budget.weightBits * weights, unit: weights },
      cost: (index, { weightBits }) => (counted(index)?.weights ?? 0) * weightBits,
    },
    {
      ...{ name: 'a mean of activation bits', limit: budget.activationBits * elements, unit: elements },
      cost: (index, { activationBits }) => (counted(index)?.inputElements ?? 0) * activationBits,
    },
  ];
}

function limitedBudget(limited: PrecisionLimit, layers: readonly Layer[]): BitBudget {
  const { limit } = limited;
  const sizeBits = (index: number, { weightBits }: LayerPrecision) => (layers[index]?.weights ?? 0) * weightBits;
  switch (limited.metric) {
    case 'size':
      return { name: 'a size in bytes', limit, unit: 1, cost: (index, bits) => sizeBits(index, bits) / 8 };
    case 'effective-bits': {
      const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
      return { name: 'effective bits', limit, unit: 1, cost: (index, bits) => sizeBits(index, bits) / weights };
    }
    case 'bops': {
      const cost = (index: number, bits: LayerPrecision) =>
        (layers[index]?.macs ?? 0) * bits.weightBits * bits.activationBits;
      return { name: 'a number of bit operations', limit, unit: 1, cost };
    }
    default:
      return hardwareBudget(limited, layers);
  }
}

function hardwareBudget(
  { table, metric, limit }: Extract<PrecisionLimit, { readonly table: CostTable }>,
  layers: readonly Layer[],
): BitBudget {
  if (table.cells.length !== layers.length) {
    const message = `the cost table has ${table.cells.length} layers, the network has ${layers.length}`;
    throw new BitwrightError('invalid_argument', 'TABLE_LENGTH', message);
  }
  const name = `${metric} on ${table.hardware}, ${metric === 'latency' ? 'ms' : 'mJ'},`;
  return { name, limit, unit: 1, cost: (layer, bits) => costOf(table, metric, layer, bits) };
}

/**
 * The least that the layer takes at these bits or wider ones, as hardware without 3-bit kernels runs 3 bits at 4: so that
 * fewer bits never cost more.
 */
function costOf(table: CostTable, metric: 'latency' | 'energy', layer: number, bits: LayerPrecision): number {
  if (table.counted[layer] !== true) return 0;
  const figure = metric === 'latency' ? 'latencyMs' : 'energyMj';
  let least = Number.POSITIVE_INFINITY;
  table.weightBits.forEach((weight, row) => {
    table.activationBits.forEach((activation, column) => {
      if (weight < bits.weightBits || activation < bits.activationBits) return;
      least = Math.min(least, table.cells[layer]?.[row]?.[column]?.[figure] ?? Number.POSITIVE_INFINITY);
    });
  });
  if (least < Number.POSITIVE_INFINITY) return least;
  costCell(table, layer, bits.weightBits, bits.activationBits);
  throw new BitwrightError('unsupported', 'METRIC_UNSUPPORTED', `${table.hardware} does not report ${metric}`);
}
