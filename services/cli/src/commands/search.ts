import { defineCommand } from '../define-command.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { CONFIG_FLAGS, withConfig } from '../flags/config-flag.js';
import { text } from '../flags/flag.js';
import { SEARCH_FLAGS } from '../flags/search-flags.js';
import { runNewSearch } from '../search/run-new-search.js';

/** Where a search's files go. */
export const OUT_FLAGS = { out: text('DIR', 'folder for the files (default bitwright-runs/<search>)') };

/** `bitwright search`. */
export const searchCommand = defineCommand({
  name: 'search',
  description: 'search for the policy that keeps the most accuracy within the budget',
  flags: { ...SEARCH_FLAGS, ...CONFIG_FLAGS, ...OUT_FLAGS, ...AGENT_FLAGS },
  examples: [
    'bitwright search --network mobilenet-v1 --width 0.25 --image-size 32 --classes 10 \\',
    '  --dataset fashion-mnist --hardware bismo-edge --budget "latency<=0.6x"',
    'bitwright search --model classifier.onnx --dataset ./images --hardware bismo-cloud --budget "size<=1.5MB"',
    'bitwright search … --hardware bismo-edge,bismo-cloud --budget "latency@bismo-edge<=0.6x" --budget "energy@bismo-cloud<=1mJ"',
  ],
  run: async ({ flags: { address, ...flags }, ...invocation }) => {
    const { folder } = invocation.surroundings;
    const { out, ...search } = await withConfig({ ...SEARCH_FLAGS, ...OUT_FLAGS }, flags, folder);
    return runNewSearch(search, { address, out }, invocation);
  },
});
