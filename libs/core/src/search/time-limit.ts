import type { Trial } from './search.js';
import type { SearchRun } from './search-run.js';

/** Seconds that a strategy's trials took so far, with `parallelism` of them at once. */
export function strategySeconds(trials: readonly Trial[], parallelism: number): number {
  const measured = trials.filter(({ role }) => role === 'strategy');
  return measured.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, parallelism);
}

/** Tells whether the time for proposals is over: what stored trials took, and what has passed since this run began. */
export function createTimeLimit({ search, journal, parallelism, ports }: SearchRun): () => boolean {
  const { timeLimitSeconds: limit } = search.spec;
  if (limit === undefined) return () => false;
  const before = strategySeconds(journal.trials, parallelism);
  const startedAt = ports.clock.now();
  return () => before + (ports.clock.now() - startedAt) / 1000 >= limit;
}
