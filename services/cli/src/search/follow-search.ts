import type { AgentClient } from '@bitwright/client';
import { BitwrightError, type SearchProgress } from '@bitwright/core';
import type { ProgressView } from './progress-view.js';

/** A resume token past every stored trial: updates begin with where the search stands now. */
export const FROM_NOW = '4294967295';

export type FollowOptions = {
  readonly view: ProgressView;
  /** Fires at Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** `cancel` ends the search and keeps its best; `leave` lets it go on without us. */
  readonly atInterrupt: 'cancel' | 'leave';
};

/** Shows a search's progress until it ends; gives its last state, or undefined when it was left running. */
export async function followSearch(
  agent: AgentClient,
  searchId: string,
  options: FollowOptions,
): Promise<SearchProgress | undefined> {
  const { view, interrupted, atInterrupt } = options;
  const cancelling = atInterrupt === 'cancel' ? cancelWhen(interrupted, agent, searchId, view) : undefined;
  const leaving = atInterrupt === 'leave' ? { signal: interrupted } : {};
  let last: SearchProgress | undefined;
  try {
    for await (const progress of agent.watchSearch(searchId, { resumeToken: FROM_NOW, ...leaving })) {
      last = progress;
      view.show(progress);
    }
  } catch (error) {
    if (!(error instanceof BitwrightError && error.kind === 'cancelled' && interrupted.aborted)) throw error;
    return undefined;
  } finally {
    view.stop();
    await cancelling?.();
  }
  return last;
}

/** Cancels at the signal. The watch ends by itself then; the function given waits for a cancellation under way. */
function cancelWhen(
  interrupted: AbortSignal,
  agent: AgentClient,
  searchId: string,
  view: ProgressView,
): () => Promise<void> {
  let cancelling: Promise<unknown> | undefined;
  const onInterrupt = () => {
    view.note('Stopping; the best so far is kept (Ctrl-C again: exit at once) …');
    cancelling = agent.cancelSearch(searchId);
    // Also awaited by the function below; until then a refusal must not end the process.
    cancelling.catch(() => {});
  };
  if (interrupted.aborted) onInterrupt();
  interrupted.addEventListener('abort', onInterrupt, { once: true });
  return async () => {
    interrupted.removeEventListener('abort', onInterrupt);
    await cancelling;
  };
}
