import { defineCommand } from '../define-command.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { CONFIG_FLAGS, withConfig } from '../flags/config-flag.js';
import { DEMO_FLAGS, withDemoDefaults } from '../flags/demo-flags.js';
import { printLine } from '../print.js';
import { describeSearch } from '../search/describe-search.js';
import { runNewSearch } from '../search/run-new-search.js';
import { OUT_FLAGS } from './search.js';

/** `bitwright demo`: what `npm start` runs. */
export const demoCommand = defineCommand({
  name: 'demo',
  description: 'a HAQ search for a small network on real images; takes the flags of search',
  flags: { ...DEMO_FLAGS, ...CONFIG_FLAGS, ...OUT_FLAGS, ...AGENT_FLAGS },
  run: async ({ flags: { address, ...flags }, ...invocation }) => {
    const { folder, stderr } = invocation.surroundings;
    const { out, ...given } = await withConfig({ ...DEMO_FLAGS, ...OUT_FLAGS }, flags, folder);
    const search = withDemoDefaults(given);
    for (const line of describeSearch(search)) printLine(stderr, line);
    return runNewSearch(search, { address, out }, invocation);
  },
});
