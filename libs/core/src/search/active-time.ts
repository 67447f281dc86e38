import type { Trial } from './search.js';

/**
 * Seconds in which a search ran until `now`: since its present run began, and what its trials took before that. Trials
 * that ran side by side count once. While no agent ran it, and while it waited for its turn, no time passed; nor is
 * there a trace of what an earlier run did between two trials.
 */
export function activeSeconds(trials: readonly Trial[], startedAt: number, now: number): number {
  const measured = trials.map(({ finishedAt, seconds }) => ({ from: finishedAt - 1000 * seconds, to: finishedAt }));
  const spans = [...measured, { from: startedAt, to: now }].sort((a, b) => a.from - b.from);
  let activeMs = 0;
  let counted = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans) {
    activeMs += Math.max(0, to - Math.max(from, counted));
    counted = Math.max(counted, to);
  }
  return activeMs / 1000;
}
