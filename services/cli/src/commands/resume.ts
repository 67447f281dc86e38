import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { OWN_HARDWARE_FLAGS, withOwnHardware } from '../flags/own-hardware-flags.js';
import { finishSearch } from '../search/finish-search.js';
import { followSearch } from '../search/follow-search.js';
import { createProgressView } from '../search/progress-view.js';
import { OUT_FLAGS } from './search.js';

/** `bitwright resume`. */
export const resumeCommand = defineCommand({
  name: 'resume',
  description: 'go on with a cancelled or failed search, to its end',
  arguments: ['<search>'],
  flags: { ...OWN_HARDWARE_FLAGS, ...OUT_FLAGS, ...AGENT_FLAGS },
  run: async ({ arguments: [id = ''], flags: { out, address, ...own }, ...invocation }) => {
    const { json } = invocation;
    const surroundings = withOwnHardware(own, address, invocation.surroundings);
    const interrupted = surroundings.interrupted();
    return withAgent(address, surroundings, async (agent) => {
      const { state, failure } = await agent.resumeSearch(id, interrupted);
      const view = createProgressView(surroundings.stderr, json);
      const last = await followSearch(agent, id, { view, interrupted, atInterrupt: 'cancel' });
      return finishSearch(agent, last ?? { searchId: id, state, failure }, out, invocation);
    });
  },
});
