import { explainOnTarget, type PolicyExplanation, uniformPolicy } from '@bitwright/core';
import type { Evaluators } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { type FlagValues, integer, text, wrongFlag } from '../flags/flag.js';
import { MODEL_FLAGS, requireOneModel } from '../flags/model-flags.js';
import { withOwnHardware } from '../flags/own-hardware-flags.js';
import { HARDWARE_FLAGS } from '../flags/search-flags.js';
import { explanationText } from '../hardware/explanation-text.js';
import { readLayers, withModelEvaluators } from '../hardware/network-layers.js';
import { printJson } from '../print.js';
import { readPolicyFile } from '../report/read-policy-file.js';
import type { Surroundings } from '../surroundings.js';

const FLAGS = {
  ...MODEL_FLAGS,
  ...HARDWARE_FLAGS,
  policy: text('FILE', 'policy.json of a search; without, the same bits everywhere'),
  bits: integer('bits of all weights and activations (default 8)', 1, 8),
  ...EVALUATOR_FLAGS,
};

type Flags = FlagValues<typeof FLAGS>;

/** `bitwright hardware explain`. */
export const hardwareExplainCommand = defineCommand({
  name: 'explain',
  description: 'what each layer of a policy costs on a target, what bounds it, and what one bit less would save',
  flags: FLAGS,
  examples: [
    'bitwright hardware explain --network mobilenet-v2 --hardware bismo-edge --bits 6',
    'bitwright hardware explain --network mobilenet-v1 --hardware bismo-cloud --policy bitwright-runs/…/policy.json',
  ],
  run: async ({ flags, json, surroundings }) => {
    requireOneModel(flags);
    if (flags.hardware === undefined)
      throw wrongFlag('hardware', 'is missing; name one of `bitwright hardware list`, for example bismo-edge');
    if (flags.policy !== undefined && flags.bits !== undefined)
      throw wrongFlag('bits', 'and --policy exclude each other; give one of them');
    const { 'hardware-address': hardware, 'quantizer-address': quantizer } = flags;
    const world = withOwnHardware(flags, hardware, surroundings);
    const explanation = await withModelEvaluators(flags, { hardware, quantizer }, world, (evaluators) =>
      explain(evaluators, flags, world),
    );
    if (json) printJson(surroundings.stdout, toJson(explanation));
    else surroundings.stdout.write(explanationText(explanation));
    return EXIT_CODES.ok;
  },
});

async function explain(evaluators: Evaluators, flags: Flags, surroundings: Surroundings): Promise<PolicyExplanation> {
  const signal = surroundings.interrupted();
  const layers = await readLayers(flags, evaluators, surroundings.folder, signal);
  const policy =
    flags.policy === undefined
      ? uniformPolicy(layers.length, flags.bits ?? 8)
      : await readPolicyFile(flags.policy, layers, surroundings.folder);
  const target = { name: flags.hardware ?? '', batch: flags.batch, counted: flags.count };
  return explainOnTarget(evaluators.hardware, target, layers, policy, signal);
}

function toJson({ hardware, batch, layers, policy, standings }: PolicyExplanation) {
  const rows = layers.map(({ index, name, kind }) => ({
    index,
    name,
    kind,
    ...policy.layers[index],
    ...standings[index],
  }));
  return { hardware, batch, layers: rows };
}
