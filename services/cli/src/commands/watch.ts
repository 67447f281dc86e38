import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { printLine } from '../print.js';
import { finishSearch } from '../search/finish-search.js';
import { followSearch } from '../search/follow-search.js';
import { createProgressView } from '../search/progress-view.js';
import { OUT_FLAGS } from './search.js';

/** `bitwright watch`. */
export const watchCommand = defineCommand({
  name: 'watch',
  description: 'follow a search to its end; Ctrl-C stops watching, not the search',
  arguments: ['<search>'],
  flags: { ...OUT_FLAGS, ...AGENT_FLAGS },
  run: async ({ arguments: [id = ''], flags: { out, address }, ...invocation }) => {
    const { surroundings, json } = invocation;
    const interrupted = surroundings.interrupted();
    return withAgent(address, surroundings, async (agent) => {
      await agent.getSearch(id, interrupted);
      const view = createProgressView(surroundings.stderr, json);
      const last = await followSearch(agent, id, { view, interrupted, atInterrupt: 'leave' });
      if (last !== undefined) return finishSearch(agent, last, out, invocation);
      printLine(
        surroundings.stderr,
        `Search ${id} goes on${address === undefined ? ' with the next bitwright watch' : ''}.`,
      );
      return EXIT_CODES.cancelled;
    });
  },
});
