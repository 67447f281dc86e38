import type { AgentClient } from '@bitwright/client';
import type { SearchProgress, Trial } from '@bitwright/core';

/** Updates of a search until it ends or one is what was waited for, that one included. */
export async function watchUntil(
  client: AgentClient,
  searchId: string,
  isIt: (progress: SearchProgress) => boolean = () => false,
  resumeToken?: string,
): Promise<SearchProgress[]> {
  const updates: SearchProgress[] = [];
  for await (const progress of client.watchSearch(searchId, { resumeToken, patienceMs: 180_000 })) {
    updates.push(progress);
    if (isIt(progress)) break;
  }
  return updates;
}

/** The trials that the updates told of, by index; the last word on each. */
export function trialsOf(updates: readonly SearchProgress[]): readonly Trial[] {
  const trials = updates.flatMap(({ latest }) => (latest === undefined ? [] : [latest]));
  return [...new Map(trials.map((trial) => [trial.index, trial])).values()];
}

/** The last trial's number: what `resumeToken` takes up from. */
export const tokenOf = (updates: readonly SearchProgress[]) => `${updates.at(-1)?.sequence ?? 0}`;

export const indicesTo = (count: number) => Array.from({ length: count }, (_, index) => index);
