import type { SearchRecord } from '@bitwright/core';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { choice, integer } from '../flags/flag.js';
import { printJson, printLine } from '../print.js';
import { modelText } from '../report/model-text.js';
import { budgetsText, targetsText } from '../terminal/budget-text.js';
import { formatTime } from '../terminal/format.js';
import { plainTable } from '../terminal/plain-table.js';

const DEFAULT_LIMIT = 20;

/** `bitwright list`. */
export const listCommand = defineCommand({
  name: 'list',
  description: 'searches, newest first',
  flags: {
    state: choice('only searches in this state', ['pending', 'running', 'completed', 'failed', 'cancelled']),
    limit: integer(`at most so many (default ${DEFAULT_LIMIT})`, 1, 100),
    ...AGENT_FLAGS,
  },
  run: async ({ flags: { address, state, limit = DEFAULT_LIMIT }, json, surroundings }) => {
    const options = { state, pageSize: limit, signal: surroundings.interrupted() };
    const { searches } = await withAgent(address, surroundings, (agent) => agent.listSearches(options));
    if (json) printJson(surroundings.stdout, { searches });
    else printLine(surroundings.stdout, searches.length === 0 ? 'There is no such search yet.' : tableOf(searches));
    return EXIT_CODES.ok;
  },
});

function tableOf(searches: readonly SearchRecord[]): string {
  const rows = searches.map(({ id, state, phase, spec, createdAt }) => {
    const stage = state === 'running' ? `${state} (${phase})` : state;
    return [
      id,
      stage,
      modelText(spec.model),
      targetsText(spec.hardware),
      budgetsText(spec.budget),
      spec.strategy.name,
      formatTime(createdAt),
    ];
  });
  return plainTable(['search', 'state', 'model', 'hardware', 'budget', 'strategy', 'created'], rows);
}
