import type { DatasetDescription } from '@bitwright/core';
import { requireSamples, withAgent, withEvaluators } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';
import { plainTable } from '../terminal/plain-table.js';

/** `bitwright datasets`. */
export const datasetsCommand = defineCommand({
  name: 'datasets',
  description: 'data sets that have a name; any folder of images, IDX, NPZ or CIFAR files can be used, too',
  flags: AGENT_FLAGS,
  run: async ({ flags: { address }, json, surroundings }) => {
    const datasets = await listDatasets(address, surroundings);
    if (json) printJson(surroundings.stdout, { datasets });
    else
      printLine(
        surroundings.stdout,
        datasets.length === 0 ? 'No data set is here; give --dataset a folder.' : tableOf(datasets),
      );
    return EXIT_CODES.ok;
  },
});

async function listDatasets(
  address: string | undefined,
  surroundings: Surroundings,
): Promise<readonly DatasetDescription[]> {
  const signal = surroundings.interrupted();
  if (address === undefined) return withEvaluators({}, surroundings, ({ quantizer }) => quantizer.listDatasets(signal));
  return withAgent(address, surroundings, async (agent) => requireSamples(await agent.capabilities(signal)).datasets);
}

function tableOf(datasets: readonly DatasetDescription[]): string {
  const rows = datasets.map(({ name, classes, imageShape, samples }) => {
    const { height, width, channels } = imageShape;
    const counts = [samples.training, samples.validation, samples.test].map((count) => count.toLocaleString('en'));
    return [name, String(classes), `${height}x${width}x${channels}`, ...counts];
  });
  return plainTable(['--dataset', 'classes', 'image', 'training', 'validation', 'test'], rows);
}
