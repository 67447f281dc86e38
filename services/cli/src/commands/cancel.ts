import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { printJson, printLine } from '../print.js';

/** `bitwright cancel`. */
export const cancelCommand = defineCommand({
  name: 'cancel',
  description: 'end a search and keep what it has found',
  arguments: ['<search>'],
  flags: AGENT_FLAGS,
  run: async ({ arguments: [id = ''], flags: { address }, json, surroundings }) => {
    const { stdout } = surroundings;
    const record = await withAgent(address, surroundings, (agent) =>
      agent.cancelSearch(id, surroundings.interrupted()),
    );
    if (json) printJson(stdout, record);
    else if (record.state === 'cancelled')
      printLine(stdout, `Search ${id} is cancelled; go on with it: bitwright resume ${id}`);
    else printLine(stdout, `Search ${id} had already ended: ${record.state}.`);
    return EXIT_CODES.ok;
  },
});
