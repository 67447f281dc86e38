import { resolve } from 'node:path';
import { compareHardware, createRandomSource, type HardwareComparison, uniformPolicy } from '@bitwright/core';
import { comparisonText } from '../comparison/comparison-text.js';
import type { Evaluators } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { type FlagValues, integer, text, wrongFlag } from '../flags/flag.js';
import { MODEL_FLAGS, requireOneModel } from '../flags/model-flags.js';
import { OWN_HARDWARE_FLAGS, withOwnHardware } from '../flags/own-hardware-flags.js';
import { HARDWARE_FLAGS } from '../flags/search-flags.js';
import { readLayers, withModelEvaluators } from '../hardware/network-layers.js';
import { writeOut } from '../out-files.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';

const FLAGS = {
  ...MODEL_FLAGS,
  ...OWN_HARDWARE_FLAGS,
  batch: HARDWARE_FLAGS.batch,
  count: HARDWARE_FLAGS.count,
  bits: integer('bits of all weights and activations at which layers are compared (default 8)', 1, 8),
  policies: integer('random policies by which the targets are ranked (default 500)', 2, 100_000),
  seed: integer('seed of these policies (default 1)', 0, 2_147_483_647),
  out: text('FILE', 'an HTML page with rooflines and all layers'),
  ...EVALUATOR_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

/** `bitwright hardware compare`. */
export const hardwareCompareCommand = defineCommand({
  name: 'compare',
  description: 'whether two targets put policies in the same order, where their layers differ, and why',
  arguments: ['<first>', '<second>'],
  flags: FLAGS,
  examples: ['bitwright hardware compare bismo-edge bismo-cloud --network mobilenet-v2 --out compare.html'],
  run: async ({ arguments: [first = '', second = ''], flags, json, surroundings }) => {
    requireOneModel(flags);
    const addresses = { hardware: flags['hardware-address'], quantizer: flags['quantizer-address'] };
    const world = withOwnHardware(flags, addresses.hardware, surroundings);
    const comparison = await withModelEvaluators(flags, addresses, world, (evaluators) =>
      compare([first, second], evaluators, flags, world),
    );
    if (flags.out !== undefined) await writePage(comparison, flags.out, flags, surroundings);
    if (json) printJson(surroundings.stdout, comparison);
    else surroundings.stdout.write(comparisonText(comparison));
    return EXIT_CODES.ok;
  },
});

async function compare(
  names: readonly [string, string],
  evaluators: Evaluators,
  { batch, count: counted, bits = 8, policies = 500, seed = 1, ...flags }: Flags,
  surroundings: Surroundings,
): Promise<HardwareComparison> {
  const signal = surroundings.interrupted();
  const layers = await readLayers(flags, evaluators, surroundings.folder, signal);
  const tabulate = async (name: string) =>
    (await evaluators.hardware.open(name)).tabulate(layers, { batch, counted, signal });
  const [first, second] = [await tabulate(names[0]), await tabulate(names[1])];
  for (const { hardware, weightBits, activationBits } of [first, second]) {
    if (weightBits.includes(bits) && activationBits.includes(bits)) continue;
    const offered = `${weightBits.join(', ')} bit for weights and ${activationBits.join(', ')} for activations`;
    throw wrongFlag('bits', `is ${bits}, and ${hardware} runs ${offered}; give bits that both targets have`);
  }
  const policy = uniformPolicy(layers.length, bits);
  return compareHardware(layers, first, second, { policy, policies, random: createRandomSource(seed) });
}

async function writePage(
  comparison: HardwareComparison,
  out: string,
  { network, model }: Flags,
  { folder, stderr }: Surroundings,
): Promise<void> {
  // Here and not above: charts take half a second to load.
  const { renderComparisonHtml } = await import('../comparison/comparison-html.js');
  await writeOut(resolve(folder, out), renderComparisonHtml(comparison, network ?? model ?? ''));
  printLine(stderr, `page: ${out}`);
}
