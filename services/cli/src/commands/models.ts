import type { ZooEntry } from '@bitwright/core';
import { requireSamples, withAgent, withEvaluators } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';
import { formatAccuracy } from '../terminal/format.js';
import { plainTable } from '../terminal/plain-table.js';

/** `bitwright models`. */
export const modelsCommand = defineCommand({
  name: 'models',
  description: 'networks that are trained and ready to be quantized',
  flags: AGENT_FLAGS,
  run: async ({ flags: { address }, json, surroundings }) => {
    const models = await listModels(address, surroundings);
    if (json) printJson(surroundings.stdout, { models });
    else printLine(surroundings.stdout, models.length === 0 ? 'No network is trained here.' : tableOf(models));
    return EXIT_CODES.ok;
  },
});

async function listModels(address: string | undefined, surroundings: Surroundings): Promise<readonly ZooEntry[]> {
  const signal = surroundings.interrupted();
  if (address === undefined) return withEvaluators({}, surroundings, ({ quantizer }) => quantizer.listModels(signal));
  return withAgent(address, surroundings, async (agent) => requireSamples(await agent.capabilities(signal)).models);
}

function tableOf(models: readonly ZooEntry[]): string {
  const rows = models.map(({ network, width, imageSize, classes, outputStride, dataset, testAccuracy, parameters }) => {
    const shape = [width, imageSize, classes, outputStride].map(String);
    return [network, ...shape, dataset, formatAccuracy(testAccuracy), parameters.toLocaleString('en')];
  });
  const flags = ['--network', '--width', '--image-size', '--classes', '--output-stride', '--dataset'];
  return `${plainTable([...flags, 'test accuracy', 'parameters'], rows)}\ntest accuracy: of the float network, on the whole test split`;
}
