import { basename, resolve } from 'node:path';
import {
  BitwrightError,
  type CountedLayers,
  deriveLayers,
  type HardwareCapabilities,
  invalidField,
  type Layer,
} from '@bitwright/core';
import {
  type BuiltTable,
  buildTable,
  type Effort,
  fillTable,
  gridOf,
  pairsOfHardware,
  pairText,
  planTable,
  type TablePlan,
} from '@bitwright/table-builder';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { readBits } from '../flags/bits.js';
import { choice, type FlagValues, given, integer, single, text, wrongFlag } from '../flags/flag.js';
import { describeModelFlags, MODEL_FLAGS, requireOneModel } from '../flags/model-flags.js';
import { HARDWARE_FLAGS } from '../flags/search-flags.js';
import { readNetwork } from '../hardware/network-layers.js';
import { readTableOutput, type TableOutput, writeTable } from '../hardware/write-table.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';
import { createBuildProgress } from '../table/build-progress.js';
import { buildText } from '../table/build-text.js';
import { type OpenRunner, withRunner } from '../table/open-runner.js';
import { RUNNER_FLAGS } from '../table/runner-flags.js';

const FLAGS = {
  ...RUNNER_FLAGS,
  ...MODEL_FLAGS,
  out: text('FILE', 'the table: .json (complete), .csv or .npy'),
  'weight-bits': single('BITS', "choices for weights: 1-8, 2,4,8 or float (default 8, or the service's own)", readBits),
  'activation-bits': single('BITS', "choices for activations (default 8, or the service's own)", readBits),
  batch: HARDWARE_FLAGS.batch,
  count: HARDWARE_FLAGS.count,
  repeats: integer('samples of every cell (default 5; 1 of a service, which repeats by itself)', 1, 10_000),
  'warm-up': integer('samples of every cell before those, which do not count (default 1; 0 of a service)', 0, 10_000),
  retries: integer('attempts after one that failed (default 2)', 0, 100),
  seed: integer('seed of the order of cells (default 1)', 0, 2_147_483_647),
  fill: choice('guesses where a measurement failed, marked as such (default: the cells stay missing)', ['roofline']),
  restart: given('begins anew, without what an interrupted run has measured'),
  'quantizer-address': EVALUATOR_FLAGS['quantizer-address'],
};

type Flags = FlagValues<typeof FLAGS>;

/** `bitwright hardware build-table`. */
export const hardwareBuildTableCommand = defineCommand({
  name: 'build-table',
  description: 'a cost table of your own board: each layer shape of a network, measured at each pair of bits',
  flags: FLAGS,
  examples: [
    'bitwright hardware build-table --network mobilenet-v2 --runner 127.0.0.1:7004/onnxruntime-cpu --out board.json',
    "bitwright hardware build-table --network mobilenet-v2 --runner 'python3 measure.py' --weight-bits 4,8 --out board.json",
    'bitwright search … --hardware board --hardware-table board.json',
  ],
  run: async ({ flags, json, surroundings }) => {
    requireOneModel(flags);
    if (flags.out === undefined) throw wrongFlag('out', 'is missing; name a file: .json, .csv or .npy');
    const output = readTableOutput(flags.out);
    if (output.path === undefined)
      throw wrongFlag('out', 'is "-"; a table that is measured needs a file: .json, .csv or .npy');
    const signal = surroundings.interrupted();
    const network = await readNetwork(flags, { quantizer: flags['quantizer-address'] }, surroundings, signal);
    const layers = deriveLayers(network);
    const name = basename(flags.out).replace(/\.[^.]*$/, '');
    return withRunner(flags, name, signal, (open) => {
      const plan = planOf(flags, layers, open.capabilities);
      return run({ flags, output, plan, open, signal, json, surroundings });
    });
  },
});

type Work = {
  readonly flags: Flags;
  readonly output: TableOutput;
  readonly plan: TablePlan;
  readonly open: OpenRunner;
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly surroundings: Surroundings;
};

async function run(work: Work): Promise<ExitCode> {
  const { output, json, surroundings } = work;
  const built = await build(work);
  if (built.table.layers.length === 0) throw nothingMeasured(built);
  const { table, missing } = work.flags.fill === undefined ? built : fillTable(built, work.plan, work.flags.seed ?? 1);
  await writeTable(table, output, surroundings);
  await built.finish();
  const { source, device, measurement } = table;
  if (json)
    printJson(surroundings.stdout, { out: output.path, resumed: built.resumed, source, device, measurement, missing });
  else surroundings.stdout.write(buildText(table, missing));
  const hasFailed = missing.some(({ why }) => why === 'failed');
  if (hasFailed) printLine(surroundings.stderr, 'the same command tries the cells that could not be measured again');
  return hasFailed ? EXIT_CODES.failed : EXIT_CODES.ok;
}

/** A table without a cost is none, and no file could be read as one. */
function nothingMeasured({ missing }: BuiltTable): BitwrightError {
  const [first] = missing;
  const example = first === undefined ? '' : `; ${first.layers[0]} at ${pairText(first)} bits: ${first.reason}`;
  const message = `not one of ${missing.length} cells has a cost, so no table is written${example}`;
  return new BitwrightError('failed_precondition', 'NOTHING_MEASURED', message);
}

async function build({ flags, output, plan, open, signal, json, surroundings }: Work): Promise<BuiltTable> {
  const { runner, capabilities } = open;
  const effort = effortOf(flags, capabilities);
  const view = createBuildProgress(surroundings.stderr, json);
  const journalPath = journalOf(output.path as string, surroundings.folder);
  const progress = { cells: 0, failed: 0, allCells: 0 };
  try {
    return await buildTable({
      ...{ plan, runner, effort, description: await runner.describe(signal), seed: flags.seed ?? 1 },
      ...{ counted: countedOf(flags, capabilities), network: describeModelFlags(flags), journalPath },
      ...{ restart: flags.restart ?? false, settings: { format: flags['layer-format'] ?? 'json' }, signal },
      onProgress: (now) => {
        Object.assign(progress, now);
        view.show(now);
      },
    });
  } catch (error) {
    const { cells, failed, allCells } = progress;
    const kept = `${cells - failed} of ${allCells} cells are measured and kept in ${journalPath}; the same command goes on`;
    if (allCells > 0) view.note(`stopped: ${kept}`);
    throw error;
  } finally {
    view.stop();
  }
}

function planOf(flags: Flags, layers: readonly Layer[], capabilities: HardwareCapabilities | undefined): TablePlan {
  const { 'weight-bits': weightBits, 'activation-bits': activationBits } = flags;
  const batch = flags.batch ?? capabilities?.defaultBatch ?? 1;
  if (capabilities === undefined) {
    const grid = gridOf(weightBits ?? [8], activationBits ?? [8]);
    return planTable(layers, batch, () => grid);
  }
  assertOffered('weight-bits', weightBits, capabilities.weightBits, capabilities.name);
  assertOffered('activation-bits', activationBits, capabilities.activationBits, capabilities.name);
  if (batch > capabilities.maximumBatch)
    throw invalidField(
      '--batch',
      `is ${batch}; ${capabilities.name} runs at most ${capabilities.maximumBatch}`,
      'FLAGS',
    );
  return planTable(layers, batch, pairsOfHardware(capabilities, { weightBits, activationBits }));
}

function assertOffered(
  flag: string,
  asked: readonly number[] | undefined,
  offered: readonly number[],
  name: string,
): void {
  const missing = (asked ?? []).filter((bits) => !offered.includes(bits));
  if (missing.length > 0) throw wrongFlag(flag, `names ${missing.join(', ')} bit; ${name} has ${offered.join(', ')}`);
}

/** A service repeats its measurements by itself, and a model has nothing to repeat. */
function effortOf(flags: Flags, capabilities: HardwareCapabilities | undefined): Effort {
  const defaults = capabilities === undefined ? { repeats: 5, warmUp: 1 } : { repeats: 1, warmUp: 0 };
  const { repeats = defaults.repeats, 'warm-up': warmUp = defaults.warmUp, retries = 2 } = flags;
  return { repeats, warmUp, retries };
}

const countedOf = ({ count }: Flags, capabilities: HardwareCapabilities | undefined): CountedLayers =>
  count ?? capabilities?.defaultCounted ?? 'all';

/** Beside the table, whatever its format: `board.partial`. */
const journalOf = (out: string, folder: string) => `${resolve(folder, out).replace(/\.[^.]*$/, '')}.partial`;
