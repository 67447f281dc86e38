import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type CostTable, deriveLayers, type Layer, toCostTableCsv } from '@bitwright/core';
import { type Evaluators, withEvaluators, withUploads } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { type FlagValues, text, wrongFlag } from '../flags/flag.js';
import { MODEL_FLAGS, requireOneModel, resolveModel } from '../flags/model-flags.js';
import { withProfiles } from '../flags/profile-flag.js';
import { HARDWARE_FLAGS } from '../flags/search-flags.js';
import { printJson, printLine } from '../print.js';
import { makeFolder } from '../search/save-result.js';
import type { Output, Surroundings } from '../surroundings.js';

const FLAGS = {
  ...MODEL_FLAGS,
  ...HARDWARE_FLAGS,
  out: text('FILE', 'a CSV file, or - for standard output (default -)'),
  ...EVALUATOR_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

type Tabulated = { readonly table: CostTable; readonly layers: readonly Layer[] };

/** `bitwright hardware tabulate`. */
export const hardwareTabulateCommand = defineCommand({
  name: 'tabulate',
  description: 'what every layer of a network costs at every pair of bits, as CSV (latency of the whole batch)',
  flags: FLAGS,
  examples: ['bitwright hardware tabulate --network mobilenet-v2 --hardware bismo-cloud --out table.csv'],
  run: async ({ flags, json, ...invocation }) => {
    const { 'hardware-profile': profiles, 'hardware-address': address } = flags;
    const surroundings = withProfiles(invocation.surroundings, profiles, address);
    requireOneModel(flags);
    if (flags.hardware === undefined)
      throw wrongFlag('hardware', 'is missing; name one of `bitwright hardware list`, for example bismo-edge');
    const tabulated = await withPlace(flags, surroundings, (evaluators) => tabulate(evaluators, flags, surroundings));
    await write(tabulated, flags.out ?? '-', json, surroundings);
    return EXIT_CODES.ok;
  },
});

/** An ONNX file needs a store that takes it, unless a running quantizer is named. */
function withPlace<T>(
  flags: Flags,
  surroundings: Surroundings,
  work: (evaluators: Evaluators) => Promise<T>,
): Promise<T> {
  const { 'hardware-address': hardware, 'quantizer-address': quantizer, model } = flags;
  const isAlone = hardware === undefined && quantizer === undefined;
  return isAlone && model !== undefined
    ? withUploads(surroundings, work)
    : withEvaluators({ hardware, quantizer }, surroundings, work);
}

async function tabulate(evaluators: Evaluators, flags: Flags, surroundings: Surroundings): Promise<Tabulated> {
  const signal = surroundings.interrupted();
  const model = await resolveModel(flags, evaluators.artifacts, surroundings.folder);
  const { network } = await evaluators.quantizer.describeModel(model, signal);
  const layers = deriveLayers(network);
  const target = await evaluators.hardware.open(flags.hardware ?? '');
  return { layers, table: await target.tabulate(layers, { batch: flags.batch, counted: flags.count, signal }) };
}

async function write(
  { table, layers }: Tabulated,
  out: string,
  json: boolean,
  { stdout, stderr, folder }: Surroundings,
): Promise<void> {
  const csv = toCostTableCsv(table, layers);
  if (out !== '-') await writeCsv(resolve(folder, out), csv);
  if (json) printJson(stdout, { ...table, layers: layers.map(({ name, kind }) => ({ name, kind })) });
  else if (out === '-') stdout.write(csv);
  if (out !== '-') describeWritten({ table, layers }, out, stderr);
}

async function writeCsv(path: string, csv: string): Promise<void> {
  await makeFolder(dirname(path));
  try {
    await writeFile(path, csv);
  } catch (error) {
    throw wrongFlag('out', `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function describeWritten({ table, layers }: Tabulated, out: string, stderr: Output): void {
  const pairs = table.weightBits.length * table.activationBits.length;
  printLine(
    stderr,
    `${out}: ${layers.length} layers at ${pairs} pairs of bits, batch ${table.batch}, ${table.provenance}`,
  );
}
