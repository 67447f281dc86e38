import { resolve } from 'node:path';
import { type LookupTable, parseNpyTable, parseTable, TABLE_LIMITS, tableFormatOf } from '@bitwright/cost-tables';
import { readInputFile } from '@bitwright/service-kit';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { readBits } from '../flags/bits.js';
import { type FlagValues, numberAbove, single, text, wrongArgument, wrongFlag } from '../flags/flag.js';
import { MODEL_FLAGS, requireOneModel } from '../flags/model-flags.js';
import { HARDWARE_FLAGS } from '../flags/search-flags.js';
import { readLayers, withModelEvaluators } from '../hardware/network-layers.js';
import { readTableOutput, writeTable } from '../hardware/write-table.js';
import { printJson } from '../print.js';
import type { Surroundings } from '../surroundings.js';

/** What an array does not say of itself. */
const ARRAY_FLAGS = {
  ...MODEL_FLAGS,
  batch: { ...HARDWARE_FLAGS.batch, description: 'images in the batch that the costs are of' },
  count: { ...HARDWARE_FLAGS.count, description: "layers that count in a network's total (default all)" },
  'clock-mhz': numberAbove('clock, where the numbers are cycles; milliseconds without', 0, 1e6),
  'weight-bits': single('BITS', 'bits of the second axis (default from 1)', readBits),
  'activation-bits': single('BITS', 'bits of the third axis (default from 1)', readBits),
  'quantizer-address': EVALUATOR_FLAGS['quantizer-address'],
};

const FLAGS = { out: text('FILE', 'a file: .csv, .json or .npy; - prints CSV'), ...ARRAY_FLAGS };

type Flags = FlagValues<typeof FLAGS>;

/** `bitwright hardware convert`. */
export const hardwareConvertCommand = defineCommand({
  name: 'convert',
  description: 'a cost table in another format; an array (.npy) needs its network, its batch, and its clock for cycles',
  arguments: ['<table>'],
  flags: FLAGS,
  examples: [
    'bitwright hardware convert haq.npy --out haq.json --network mobilenet-v2 --batch 16 --clock-mhz 200 \\',
    '  --count without-first-and-last',
    'bitwright hardware convert board.csv --out board.json',
  ],
  run: async ({ arguments: [file = ''], flags, json, surroundings }) => {
    if (flags.out === undefined) throw wrongFlag('out', 'is missing; name a file: .csv, .json or .npy');
    const output = readTableOutput(flags.out);
    const isArray = tableFormatOf(file) === 'npy';
    if (isArray) requireArrayFlags(flags);
    else refuseArrayFlags(flags, file);
    const path = resolve(surroundings.folder, file);
    const refuse = (problem: string) => wrongArgument('table', `${file} ${problem}`);
    const bytes = await readInputFile(path, refuse, TABLE_LIMITS.fileBytes);
    const table = isArray ? await readArray(bytes, file, flags, surroundings) : parseTable(bytes, file);
    if (!json || output.path !== undefined) await writeTable(table, output, surroundings);
    if (json) printJson(surroundings.stdout, { out: output.path ?? null });
    return EXIT_CODES.ok;
  },
});

function requireArrayFlags(flags: Flags): void {
  requireOneModel(flags);
  if (flags.batch === undefined)
    throw wrongFlag('batch', 'is missing; an array does not say how many images its costs are of');
}

function refuseArrayFlags(flags: Flags, file: string): void {
  const given = Object.keys(ARRAY_FLAGS).find((name) => flags[name as keyof Flags] !== undefined);
  if (given !== undefined) throw wrongFlag(given, `is for arrays (.npy); ${file} says it itself`);
}

async function readArray(
  bytes: Uint8Array,
  file: string,
  flags: Flags,
  surroundings: Surroundings,
): Promise<LookupTable> {
  const addresses = { quantizer: flags['quantizer-address'] };
  const layers = await withModelEvaluators(flags, addresses, surroundings, (evaluators) =>
    readLayers(flags, evaluators, surroundings.folder, surroundings.interrupted()),
  );
  return parseNpyTable(bytes, file, {
    ...{ layers, batch: flags.batch ?? 1, counted: flags.count ?? 'all', clockMegahertz: flags['clock-mhz'] },
    ...{ weightBits: flags['weight-bits'], activationBits: flags['activation-bits'] },
  });
}
