import type { SearchRun } from './search-run.js';
import { type TrialTally, tallyOf } from './trial-tally.js';

/** Seconds that a strategy's trials took so far, with `parallelism` of them at once. */
export function strategySeconds({ strategySeconds: seconds }: TrialTally, parallelism: number): number {
  return seconds / Math.max(1, parallelism);
}

/**
 * Tells whether the time for proposals is over: what was measured before them, what stored trials took, and what has passed
 * since this run began to propose.
 */
export function createTimeLimit(
  { search, journal, parallelism, ports }: SearchRun,
  measuredSeconds: number,
): () => boolean {
  const { timeLimitSeconds: limit } = search.spec;
  if (limit === undefined) return () => false;
  const before = measuredSeconds + strategySeconds(tallyOf(journal.trials), parallelism);
  const startedAt = ports.clock.now();
  return () => before + (ports.clock.now() - startedAt) / 1000 >= limit;
}
