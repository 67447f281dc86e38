import { join } from 'node:path';
import { BitwrightError } from '@bitwright/core';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { makeFolder } from '../out-files.js';
import { printJson, printLine } from '../print.js';
import { toPolicyFile } from '../report/policy-file.js';
import { outputFolder } from '../search/output-folder.js';
import { saveJson, saveModels } from '../search/save-result.js';
import { OUT_FLAGS } from './search.js';

/** `bitwright export`. */
export const exportCommand = defineCommand({
  name: 'export',
  description: "write a finished search's quantized ONNX models and its policy.json",
  arguments: ['<search>'],
  flags: { ...OUT_FLAGS, ...AGENT_FLAGS },
  run: async ({ arguments: [id = ''], flags: { address, out }, json, surroundings }) => {
    const { stdout } = surroundings;
    const folder = outputFolder(out, id, surroundings.folder);
    const files = await withAgent(address, surroundings, async (agent) => {
      const report = await agent.getReport(id, surroundings.interrupted());
      if (report.exported === null) throw notExported(id);
      await makeFolder(folder);
      const models = await saveModels(report, agent.artifacts, folder);
      return { ...models, policy: await saveJson(join(folder, 'policy.json'), toPolicyFile(report)) };
    });
    if (json) printJson(stdout, files);
    else
      for (const path of [files.model, files.integers, files.policy]) if (path !== undefined) printLine(stdout, path);
    return EXIT_CODES.ok;
  },
});

function notExported(id: string): BitwrightError {
  const message = `search ${id} ended before its model was exported; go on with it: bitwright resume ${id}`;
  return new BitwrightError('failed_precondition', 'NOT_EXPORTED', message);
}
