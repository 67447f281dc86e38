import type { AgentClient } from '@bitwright/client';
import type { SearchProgress, SearchRecord } from '@bitwright/core';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { nameFlags } from '../flag-of-field.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { printJson, printLine } from '../print.js';
import { modelText } from '../report/model-text.js';
import { FROM_NOW } from '../search/follow-search.js';
import { budgetsText, targetsText } from '../terminal/budget-text.js';
import { effortText } from '../terminal/effort-text.js';
import { formatTime } from '../terminal/format.js';
import { bestText, etaText, phaseText, waitTexts } from '../terminal/progress-text.js';

/** `bitwright show`. */
export const showCommand = defineCommand({
  name: 'show',
  description: 'where a search stands, and what it was asked',
  arguments: ['<search>'],
  flags: AGENT_FLAGS,
  run: async ({ arguments: [id = ''], flags: { address }, json, surroundings }) => {
    const { stdout } = surroundings;
    const interrupted = surroundings.interrupted();
    const { record, progress } = await withAgent(address, surroundings, async (agent) => ({
      record: await agent.getSearch(id, interrupted),
      progress: await currentProgress(agent, id, interrupted),
    }));
    if (json) printJson(stdout, { ...record, progress });
    else printLine(stdout, textOf(record, progress));
    return EXIT_CODES.ok;
  },
});

async function currentProgress(
  agent: AgentClient,
  searchId: string,
  signal: AbortSignal,
): Promise<SearchProgress | undefined> {
  for await (const progress of agent.watchSearch(searchId, { resumeToken: FROM_NOW, signal })) return progress;
  return undefined;
}

function textOf(
  { id, spec, state, phase, failure, createdAt }: SearchRecord,
  progress: SearchProgress | undefined,
): string {
  const { model, dataset, hardware, budget, strategy, seed } = spec;
  const facts: [string, string][] = [
    ['search', id],
    ['state', phaseText({ state, phase, waitingFor: progress?.waitingFor })],
    ...(progress === undefined ? [] : progressFacts(progress)),
    ...(failure === undefined ? [] : [['failure', nameFlags(failure.message)] as [string, string]]),
    ['model', modelText(model)],
    ['data', dataset.name],
    ['hardware', targetsText(hardware)],
    ['budget', budgetsText(budget)],
    ['strategy', `${strategy.name}, ${effortText(spec)}, seed ${seed}`],
    ['created', formatTime(createdAt)],
  ];
  return facts.map(([name, value]) => `${name.padEnd(10)}${value}`).join('\n');
}

function progressFacts(progress: SearchProgress): [string, string][] {
  const { done, total, etaSeconds, state } = progress;
  const eta = state === 'running' ? `, ${etaText(etaSeconds)}` : '';
  return [
    ...waitTexts(progress).map((text): [string, string] => ['because', text]),
    ['measured', `${done} of ${total}${eta}`],
    ['so far', bestText(progress)],
  ];
}
