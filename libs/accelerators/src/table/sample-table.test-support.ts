import { formatTable, type LookupTable, parseTable, toLookupTable } from '@bitwright/cost-tables';
import { type Accelerator, createLocalHardware } from '@bitwright/hardware-kit';
import { createBitProductAccelerator, SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import type { MissingCosts } from './missing.js';
import { createTable } from './model.js';

/** The table of what an accelerator answers for the sample layers, at some batches. */
export async function tableOf(accelerator: Accelerator, batches: readonly number[]): Promise<LookupTable> {
  const tables = batches.map(async (batch) => {
    const costs = await createLocalHardware(accelerator).tabulate(SAMPLE_LAYERS, { batch });
    return toLookupTable(costs, SAMPLE_LAYERS, accelerator.capabilities);
  });
  const [first, ...rest] = await Promise.all(tables);
  return { ...(first as LookupTable), layers: [first, ...rest].flatMap((table) => table?.layers ?? []) };
}

/** Written to a file and read again. */
export const ship = (table: LookupTable, format: 'json' | 'csv') =>
  parseTable(formatTable(table, format), `board.${format}`);
export const open = (table: LookupTable, missingCosts: MissingCosts = 'refuse') =>
  createTable(table, { name: 'board', missingCosts });

/** The table of the toy, without some pairs of one layer. */
export async function sparse(
  isMissing: (weightBits: number, activationBits: number) => boolean,
  layer = 2,
): Promise<LookupTable> {
  const table = await tableOf(
    createBitProductAccelerator({ weightBits: [2, 4, 6, 8], activationBits: [2, 4, 6, 8] }),
    [1],
  );
  const layers = table.layers.map((row, index) => ({
    ...row,
    cells: row.cells.filter((cell) => index !== layer || !isMissing(cell.weightBits, cell.activationBits)),
  }));
  return { ...table, layers };
}
