import { resolve } from 'node:path';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { printJson, printLine } from '../print.js';
import { saveResult } from '../search/save-result.js';
import { filesText } from '../terminal/files-text.js';
import { reportText } from '../terminal/report-text.js';
import { OUT_FLAGS } from './search.js';

/** `bitwright report`. */
export const reportCommand = defineCommand({
  name: 'report',
  description: 'what a search has found: table, bits of each layer, Pareto front; --out writes the files',
  arguments: ['<search>'],
  flags: { out: { ...OUT_FLAGS.out, description: 'folder for the files (default: write none)' }, ...AGENT_FLAGS },
  run: async ({ arguments: [id = ''], flags: { address, out }, json, surroundings }) => {
    const { stdout, stderr, folder } = surroundings;
    const { report, files } = await withAgent(address, surroundings, async (agent) => {
      const found = await agent.getReport(id, surroundings.interrupted());
      const saved = out === undefined ? undefined : await saveResult(found, agent.artifacts, resolve(folder, out));
      return { report: found, files: saved };
    });
    if (json) printJson(stdout, report);
    else printLine(stdout, reportText(report, stdout.columns));
    if (files !== undefined) printLine(json ? stderr : stdout, filesText(files, report, folder));
    return EXIT_CODES.ok;
  },
});
