import type { AgentClient } from '@bitwright/client';
import { BitwrightError, type ErrorKind, type SearchRecord, type StrategyRun } from '@bitwright/core';
import { explainError } from '../explain-error.js';
import { nameFlags } from '../flag-of-field.js';
import { printLine } from '../print.js';
import { followSearch } from '../search/follow-search.js';
import { createProgressView } from '../search/progress-view.js';
import type { Surroundings } from '../surroundings.js';
import { formatSeconds } from '../terminal/format.js';
import type { PlannedSearch } from './plan-searches.js';

/** A search that did not end with a result, and why. */
export type FailedRun = { readonly strategy: string; readonly seed: number; readonly message: string };

export type FinishedSearches = {
  readonly runs: readonly StrategyRun[];
  readonly failures: readonly FailedRun[];
  /** Whether Ctrl-C came before the last. */
  readonly isStopped: boolean;
};

type World = { readonly agent: AgentClient; readonly surroundings: Surroundings; readonly json: boolean };

/**
 * Searches one after the other; those that are finished already are taken over, and those that were stopped go on. One
 * that fails, or that is refused once others have been searched, does not stop the rest; Ctrl-C does. Throws what the first
 * search is refused for, which nothing has been done before.
 */
export async function runSearches(planned: readonly PlannedSearch[], world: World): Promise<FinishedSearches> {
  const runs: StrategyRun[] = [];
  const failures: FailedRun[] = [];
  const interrupted = world.surroundings.interrupted();
  const seconds: number[] = [];
  for (const [index, search] of planned.entries()) {
    if (interrupted.aborted) break;
    const head = `search ${index + 1} of ${planned.length}: ${search.strategy}, seed ${search.seed}`;
    printLine(world.surroundings.stderr, `${head}${etaText(seconds, planned.length - index)}`);
    const startedAt = performance.now();
    const { strategy, seed } = search;
    const created = await create(search, world, interrupted);
    if (interrupted.aborted) break;
    if (created instanceof BitwrightError) {
      if (index === 0) throw created;
      failures.push({ strategy, seed, message: explainError(created).replaceAll('\n', '; ') });
      continue;
    }
    const { id, state } = created;
    const ended = await bringToItsEnd(world, { id, state }, interrupted);
    if (state !== 'completed') seconds.push((performance.now() - startedAt) / 1000);
    if (interrupted.aborted) break;
    if (ended.state === 'completed') runs.push({ strategy, seed, report: await world.agent.getReport(id) });
    else
      failures.push({ strategy, seed, message: nameFlags(ended.failure?.message ?? `search ${id} is ${ended.state}`) });
  }
  return { runs, failures, isStopped: runs.length + failures.length < planned.length };
}

/** The search, or what is wrong with it; throws what is wrong with the agent. */
async function create(
  { spec, requestId }: PlannedSearch,
  { agent }: World,
  signal: AbortSignal,
): Promise<SearchRecord | BitwrightError> {
  try {
    return await agent.createSearch(spec, { requestId, signal });
  } catch (error) {
    if (error instanceof BitwrightError && REFUSALS.includes(error.kind)) return error;
    throw error;
  }
}

/** What one search can be refused for; `cancelled` is Ctrl-C. */
const REFUSALS: readonly ErrorKind[] = [
  'invalid_argument',
  'failed_precondition',
  'not_found',
  'unsupported',
  'cancelled',
];

async function bringToItsEnd(
  { agent, surroundings, json }: World,
  { id, state }: Pick<SearchRecord, 'id' | 'state'>,
  interrupted: AbortSignal,
): Promise<Pick<SearchRecord, 'state' | 'failure'>> {
  if (state === 'completed') return { state, failure: undefined };
  if (state === 'failed' || state === 'cancelled') await agent.resumeSearch(id, interrupted);
  const view = createProgressView(surroundings.stderr, json);
  await followSearch(agent, id, { view, interrupted, atInterrupt: 'cancel' });
  return agent.getSearch(id);
}

/** By the mean of those that were searched now. */
function etaText(seconds: readonly number[], left: number): string {
  if (seconds.length === 0) return '';
  const mean = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  return `  ETA of all ${formatSeconds(mean * left)}`;
}
