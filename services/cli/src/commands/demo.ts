import { parseConstraint } from '@bitwright/core';
import { defineCommand } from '../define-command.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { SEARCH_FLAGS, type SearchFlags } from '../flags/search-flags.js';
import { printLine } from '../print.js';
import { describeSearch } from '../search/describe-search.js';
import { runNewSearch } from '../search/run-new-search.js';
import { OUT_FLAGS } from './search.js';

/** The network of the demonstration; another one brings its own shape. */
const NETWORK: SearchFlags = { network: 'mobilenet-v1', width: 0.25, 'image-size': 32, classes: 10 };

/** Chosen so that it takes under three minutes on two cores. */
const DEMO: SearchFlags = {
  dataset: 'fashion-mnist',
  hardware: ['bismo-edge'],
  budget: [parseConstraint('latency<=0.6x')],
};

/** `bitwright demo`: what `npm start` runs. */
export const demoCommand = defineCommand({
  name: 'demo',
  description: 'a HAQ search for a small network on real images; takes the flags of search',
  flags: { ...SEARCH_FLAGS, ...OUT_FLAGS, ...AGENT_FLAGS },
  run: async ({ flags: { out, address, ...flags }, ...invocation }) => {
    const hasModel = flags.network !== undefined || flags.model !== undefined;
    const search: SearchFlags = { ...DEMO, ...(hasModel ? {} : NETWORK), ...flags };
    for (const line of describeSearch(search)) printLine(invocation.surroundings.stderr, line);
    return runNewSearch(search, { address, out }, invocation);
  },
});
