import { BitwrightError } from '../errors.js';
import type { MeasuringProgress } from './search.js';
import type { SearchRun } from './search-run.js';

/** The reason of whatever ended because a search's time was over. */
export const TIME_LIMIT = 'TIME_LIMIT';

/** A part of a search's time limit: how much of it is over, s, and where the work stands. */
export type LimitedWork = { readonly seconds: () => number; readonly progress: () => MeasuringProgress | undefined };

/** Does work as long as the search's time limit leaves; then its signal fires and `deadline_exceeded` is thrown. */
export async function withinTimeLimit<T>(
  { search, ports, signal }: Pick<SearchRun, 'search' | 'ports' | 'signal'>,
  { seconds, progress }: LimitedWork,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeLimitSeconds: limit } = search.spec;
  if (limit === undefined) return work(signal);
  const [late, ended] = [new AbortController(), new AbortController()];
  const watchClock = async () => {
    while (seconds() < limit && !ended.signal.aborted)
      await ports.clock.sleep(1000 * Math.max(0, limit - seconds()), ended.signal);
    late.abort();
  };
  void watchClock().catch(() => undefined);
  try {
    return await work(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    if (late.signal.aborted && !ended.signal.aborted && !signal.aborted) throw timeIsOver(limit, progress());
    throw error;
  } finally {
    ended.abort();
  }
}

function timeIsOver(limit: number, progress: MeasuringProgress | undefined): BitwrightError {
  const stand = progress === undefined ? 'none' : `${progress.done} of ${progress.total}`;
  const message =
    `the time limit of ${limit} s was over while the layers were measured (${stand} done); what was measured is kept: ` +
    'resume the search, and it goes on measuring for as long again, or start one with a longer time limit';
  return new BitwrightError('deadline_exceeded', TIME_LIMIT, message);
}
