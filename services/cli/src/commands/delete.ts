import type { AgentClient } from '@bitwright/client';
import type { SearchPage } from '@bitwright/core';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { given, single, wrongArgument } from '../flags/flag.js';
import { printJson, printLine } from '../print.js';

const DAY_MS = 24 * 60 * 60 * 1000;

const FLAGS = {
  'older-than': single('AGE', 'all that ended so long ago: 12h, 30d', readAgeMs),
  'allow-missing': given('searches that are not there are no error'),
  ...AGENT_FLAGS,
};

/** `bitwright delete`. */
export const deleteCommand = defineCommand({
  name: 'delete',
  description: 'remove searches that have ended, with what they found',
  arguments: ['[searches...]'],
  flags: FLAGS,
  run: async ({ arguments: ids, flags, json, surroundings }) => {
    const { address, 'older-than': ageMs, 'allow-missing': allowMissing = false } = flags;
    if (ids.length === 0 && ageMs === undefined)
      throw wrongArgument('searches', 'are missing; give ids, or --older-than 30d for all that ended so long ago');
    const signal = surroundings.interrupted();
    const deleted = await withAgent(address, surroundings, async (agent) => {
      const old = ageMs === undefined ? [] : await endedBefore(agent, Date.now() - ageMs, signal);
      const all = [...new Set([...ids, ...old])];
      for (const id of all) await agent.deleteSearch(id, { allowMissing: allowMissing || old.includes(id), signal });
      return all;
    });
    if (json) printJson(surroundings.stdout, { deleted });
    else printLine(surroundings.stdout, textOf(deleted));
    return EXIT_CODES.ok;
  },
});

/** Ids of searches that have ended and were not touched since. */
async function endedBefore(agent: AgentClient, time: number, signal: AbortSignal): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const state of ['completed', 'failed', 'cancelled'] as const) {
    let pageToken: string | undefined;
    do {
      const page: SearchPage = await agent.listSearches({ state, pageSize: 100, pageToken, signal });
      ids.push(...page.searches.filter(({ updatedAt }) => updatedAt < time).map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
  }
  return ids;
}

function readAgeMs(text: string): number {
  const [, count, unit] = /^([0-9]{1,5})([hd])$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`is "${text}"; write hours or days, for example 12h or 30d`);
  return Number(count) * (unit === 'd' ? DAY_MS : DAY_MS / 24);
}

function textOf(deleted: readonly string[]): string {
  if (deleted.length === 0) return 'No search ended so long ago.';
  return deleted.map((id) => `Search ${id} is deleted.`).join('\n');
}
