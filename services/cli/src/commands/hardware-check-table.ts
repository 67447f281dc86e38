import { resolve } from 'node:path';
import type { Network } from '@bitwright/core';
import { formatTable, type LookupTable, parseTable, TABLE_LIMITS, tableFormatOf } from '@bitwright/cost-tables';
import { readInputFile } from '@bitwright/service-kit';
import { type ComparedNetwork, compareNetwork } from '@bitwright/table-builder';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { type FlagValues, given, integer, wrongArgument, wrongFlag } from '../flags/flag.js';
import { describeModelFlags, MODEL_FLAGS, requireOneModel } from '../flags/model-flags.js';
import { readNetwork } from '../hardware/network-layers.js';
import { writeOut } from '../out-files.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';
import { tableComparisonText } from '../table/comparison-text.js';
import { createNetworkProgress } from '../table/network-progress.js';
import { type OpenRunner, withRunner } from '../table/open-runner.js';
import { RUNNER_FLAGS } from '../table/runner-flags.js';

const { runner, 'layer-format': layerFormat, timeout } = RUNNER_FLAGS;

const FLAGS = {
  ...{ runner, 'layer-format': layerFormat, timeout, ...MODEL_FLAGS },
  batch: integer("images in a batch (default the table's, if it has one batch)", 1, TABLE_LIMITS.batch),
  policies: integer('random policies to measure (default 20; 60 to fit conversions)', 2, 10_000),
  repeats: integer('samples of each (default 5; 1 of a service, which repeats by itself)', 1, 10_000),
  'warm-up': integer('samples of each before those, which do not count (default 1; 0 of a service)', 0, 10_000),
  seed: integer('seed of the policies (default 1)', 0, 2_147_483_647),
  'fit-conversions': given('find what networks take beyond their layers, and keep it in the table (.json)'),
  'quantizer-address': EVALUATOR_FLAGS['quantizer-address'],
};

type Flags = FlagValues<typeof FLAGS>;

/** `bitwright hardware check-table`. */
export const hardwareCheckTableCommand = defineCommand({
  name: 'check-table',
  description: 'whether sums over a cost table are what whole networks take; a .json table keeps the figures',
  arguments: ['<table>'],
  flags: FLAGS,
  examples: [
    'bitwright hardware check-table board.json --network mobilenet-v2 --runner 127.0.0.1:7004/onnxruntime-cpu',
    "bitwright hardware check-table board.json --network mobilenet-v2 --runner 'python3 measure.py' --policies 50",
    "bitwright hardware check-table board.json --network mobilenet-v2 --runner 'python3 measure.py' --fit-conversions",
  ],
  run: async ({ arguments: [file = ''], flags, json, surroundings }) => {
    requireOneModel(flags);
    const format = tableFormatOf(file);
    const path = resolve(surroundings.folder, file);
    if (flags['fit-conversions'] && format !== 'json') {
      throw wrongFlag('fit-conversions', 'needs a .json table; the other formats have no room for conversions');
    }
    const refuse = (problem: string) => wrongArgument('table', `${file} ${problem}`);
    const table = parseTable(await readInputFile(path, refuse, TABLE_LIMITS.fileBytes), file);
    const signal = surroundings.interrupted();
    const network = await readNetwork(flags, { quantizer: flags['quantizer-address'] }, surroundings, signal);
    const compared = await withRunner(flags, file, signal, (open) =>
      compare({ table, network, flags, open, signal, json, surroundings }),
    );
    if (format === 'json') await writeOut(path, formatTable(withFindings(table, compared), 'json'));
    else printLine(surroundings.stderr, `${file} has no room for these figures; a .json table keeps them`);
    if (json) printJson(surroundings.stdout, compared);
    else surroundings.stdout.write(tableComparisonText(compared, table));
    return EXIT_CODES.ok;
  },
});

type Work = {
  readonly table: LookupTable;
  readonly network: Network;
  readonly flags: Flags;
  readonly open: OpenRunner;
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly surroundings: Surroundings;
};

async function compare({ flags, open, json, surroundings, ...work }: Work): Promise<ComparedNetwork> {
  const defaults = open.capabilities === undefined ? { repeats: 5, warmUp: 1 } : { repeats: 1, warmUp: 0 };
  const { repeats = defaults.repeats, 'warm-up': warmUp = defaults.warmUp, seed = 1 } = flags;
  const fitConversions = flags['fit-conversions'] ?? false;
  const policies = flags.policies ?? (fitConversions ? 60 : 20);
  const view = createNetworkProgress(surroundings.stderr, json);
  try {
    return await compareNetwork({
      ...{ ...work, runner: open.runner, networkName: describeModelFlags(flags), policies, repeats, warmUp, seed },
      fitConversions,
      ...{ batch: flags.batch ?? onlyBatch(work.table), onProgress: view.show },
    });
  } finally {
    view.stop();
  }
}

function onlyBatch({ layers }: LookupTable): number {
  const batches = [...new Set(layers.map(({ batch }) => batch))];
  if (batches[0] !== undefined && batches.length === 1) return batches[0];
  throw wrongFlag('batch', `is missing; the table has batch ${batches.join(', ')}`);
}

/** Of many comparisons the newest are kept. */
function withFindings(table: LookupTable, { comparison, conversions }: ComparedNetwork): LookupTable {
  const comparisons = [...(table.comparisons ?? []), comparison].slice(-TABLE_LIMITS.comparisons);
  return { ...table, comparisons, ...(conversions !== undefined && { conversions }) };
}
