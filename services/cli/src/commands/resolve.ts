import { resolve } from 'node:path';
import { parseConstraint, policyHash } from '@bitwright/core';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { repeated, text, wrongFlag } from '../flags/flag.js';
import { writeOut } from '../out-files.js';
import { printJson, printLine } from '../print.js';
import { toSolvedPolicyFile } from '../report/policy-file.js';
import { answerText } from '../terminal/answer-text.js';

const FLAGS = {
  budget: repeated('LIMIT', 'what the policy may cost, as for `search`: "latency<=0.5x", "size<=90kB"', (value) =>
    parseConstraint(value),
  ),
  out: text('FILE', 'where the policy goes (JSON; default: nowhere)'),
  ...AGENT_FLAGS,
};

/** `bitwright resolve`. */
export const resolveCommand = defineCommand({
  name: 'resolve',
  description: 'the policy for another budget by what a search has measured, in no time; of ompq, sensitivity and auto',
  arguments: ['<search>'],
  flags: FLAGS,
  examples: ['bitwright resolve 7d1f4c52-… --budget "latency<=0.45x" --budget "size<=100kB" --out policy.json'],
  run: async ({ arguments: [id = ''], flags: { address, budget, out }, json, surroundings }) => {
    if (budget === undefined) throw wrongFlag('budget', 'is missing; give a limit, for example "latency<=0.5x"');
    const { answer, search } = await withAgent(address, surroundings, async (agent) => ({
      answer: await agent.resolvePolicy(id, budget, surroundings.interrupted()),
      search: await agent.getSearch(id),
    }));
    if (json) printJson(surroundings.stdout, { ...answer, policyHash: policyHash(answer.policy) });
    else printLine(surroundings.stdout, answerText(answer));
    // After the answer is shown, which a file that cannot be written does not take away.
    if (out !== undefined) {
      const file = JSON.stringify(toSolvedPolicyFile(answer, search), null, 2);
      await writeOut(resolve(surroundings.folder, out), `${file}\n`);
    }
    return EXIT_CODES.ok;
  },
});
