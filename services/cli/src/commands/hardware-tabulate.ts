import type { CostTable, Layer } from '@bitwright/core';
import { type LookupTable, toLookupTable } from '@bitwright/cost-tables';
import type { Evaluators } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { choice, type FlagValues, text, wrongFlag } from '../flags/flag.js';
import { MODEL_FLAGS, requireOneModel } from '../flags/model-flags.js';
import { withOwnHardware } from '../flags/own-hardware-flags.js';
import { HARDWARE_FLAGS } from '../flags/search-flags.js';
import { readLayers, withModelEvaluators } from '../hardware/network-layers.js';
import { readTableOutput, writeTable } from '../hardware/write-table.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';

const FLAGS = {
  ...MODEL_FLAGS,
  ...HARDWARE_FLAGS,
  out: text('FILE', 'a file: .csv, .json (complete) or .npy (latencies alone); - prints CSV (default -)'),
  columns: choice('of CSV: what a cell costs, or also the shapes of layers, as a target needs (default costs)', [
    'costs',
    'all',
  ]),
  ...EVALUATOR_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

type Tabulated = { readonly costs: CostTable; readonly layers: readonly Layer[]; readonly table: LookupTable };

/** `bitwright hardware tabulate`. */
export const hardwareTabulateCommand = defineCommand({
  name: 'tabulate',
  description:
    'what every layer of a network costs at every pair of bits (latency of the whole batch), as a cost table',
  flags: FLAGS,
  examples: [
    'bitwright hardware tabulate --network mobilenet-v2 --hardware bismo-cloud --out table.csv',
    'bitwright hardware tabulate --network mobilenet-v2 --hardware bismo-cloud --out board.json',
    'bitwright search … --hardware board --hardware-table board.json',
  ],
  run: async ({ flags, json, surroundings }) => {
    requireOneModel(flags);
    if (flags.hardware === undefined)
      throw wrongFlag('hardware', 'is missing; name one of `bitwright hardware list`, for example bismo-edge');
    const output = { ...readTableOutput(flags.out ?? '-'), costsOnly: flags.columns !== 'all' };
    const { 'hardware-address': hardware, 'quantizer-address': quantizer } = flags;
    const world = withOwnHardware(flags, hardware, surroundings);
    const { table, costs, layers } = await withModelEvaluators(flags, { hardware, quantizer }, world, (evaluators) =>
      tabulate(evaluators, flags, world),
    );
    if (!json || output.path !== undefined) await writeTable(table, output, surroundings);
    for (const { message } of costs.failures ?? []) printLine(surroundings.stderr, `left out: ${message}`);
    if (json) printJson(surroundings.stdout, { ...costs, layers: layers.map(({ name, kind }) => ({ name, kind })) });
    return EXIT_CODES.ok;
  },
});

async function tabulate(evaluators: Evaluators, flags: Flags, surroundings: Surroundings): Promise<Tabulated> {
  const signal = surroundings.interrupted();
  const layers = await readLayers(flags, evaluators, surroundings.folder, signal);
  const target = await evaluators.hardware.open(flags.hardware ?? '');
  const capabilities = await target.describe(signal);
  const costs = await target.tabulate(layers, { batch: flags.batch, counted: flags.count, signal });
  return { costs, layers, table: toLookupTable(costs, layers, capabilities) };
}
