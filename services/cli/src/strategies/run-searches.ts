import type { AgentClient } from '@bitwright/client';
import { cancelledError, type SearchRecord, type StrategyRun } from '@bitwright/core';
import { followSearch } from '../search/follow-search.js';
import { createProgressView } from '../search/progress-view.js';
import type { Surroundings } from '../surroundings.js';
import { formatSeconds } from '../terminal/format.js';
import type { PlannedSearch } from './plan-searches.js';

/** A search that did not end with a result, and why. */
export type FailedRun = { readonly strategy: string; readonly seed: number; readonly message: string };

export type FinishedSearches = { readonly runs: readonly StrategyRun[]; readonly failures: readonly FailedRun[] };

type World = { readonly agent: AgentClient; readonly surroundings: Surroundings; readonly json: boolean };

/**
 * Searches one after the other; those that are finished already are taken over, and those that were stopped go on. One
 * that fails does not stop the others. Throws `cancelled` at Ctrl-C.
 */
export async function runSearches(planned: readonly PlannedSearch[], world: World): Promise<FinishedSearches> {
  const runs: StrategyRun[] = [];
  const failures: FailedRun[] = [];
  const interrupted = world.surroundings.interrupted();
  const seconds: number[] = [];
  for (const [index, search] of planned.entries()) {
    if (interrupted.aborted) throw stopped();
    const head = `search ${index + 1} of ${planned.length}: ${search.strategy}, seed ${search.seed}`;
    note(world, `${head}${etaText(seconds, planned.length - index)}`);
    const startedAt = performance.now();
    const { id, state } = await world.agent.createSearch(search.spec, {
      requestId: search.requestId,
      signal: interrupted,
    });
    const ended = await bringToItsEnd(world, { id, state }, interrupted);
    if (state !== 'completed') seconds.push((performance.now() - startedAt) / 1000);
    if (interrupted.aborted) throw stopped();
    const { strategy, seed } = search;
    if (ended.state === 'completed') runs.push({ strategy, seed, report: await world.agent.getReport(id) });
    else failures.push({ strategy, seed, message: ended.failure?.message ?? `search ${id} is ${ended.state}` });
  }
  return { runs, failures };
}

const stopped = () => cancelledError('stopped; the same command goes on with what is missing');

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

function note({ surroundings, json }: World, text: string): void {
  surroundings.stderr.write(json ? `${JSON.stringify({ note: text })}\n` : `${text}\n`);
}
