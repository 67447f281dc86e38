import { setTimeout as sleep } from 'node:timers/promises';
import { type agentProto, fromWireWatchUpdate, readAnswer } from '@bitwright/contracts';
import { BitwrightError, cancelledError, type SearchProgress } from '@bitwright/core';
import { DEFAULT_RETRY, type RetryPolicy, retryDelayMs } from '@bitwright/service-kit';

export type WatchOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Token of the last update seen (`progress.sequence` as text); from the beginning by default. */
  readonly resumeToken?: string | undefined;
  /** How long the agent may be away before the watch fails, ms. @default 60 000 */
  readonly patienceMs?: number | undefined;
};

/** Opens one stream of updates after a token. */
export type OpenWatch = (
  resumeToken: string,
  signal: AbortSignal | undefined,
) => AsyncIterable<agentProto.WatchSearchResponse>;

const RECONNECT: RetryPolicy = { ...DEFAULT_RETRY, initialMs: 200, longestMs: 2_000 };

/**
 * Updates of a search until it ends. When the connection breaks or the agent restarts, it connects again and goes on
 * after the last update it saw; an update may come twice then. Throws `cancelled` when the signal fires, and the
 * agent's `unavailable` when it stayed away for longer than `patienceMs`.
 */
export async function* watchSearch(open: OpenWatch, options: WatchOptions = {}): AsyncGenerator<SearchProgress> {
  const { signal, patienceMs = 60_000 } = options;
  let resumeToken = options.resumeToken ?? '';
  let awaySince: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      for await (const update of open(resumeToken, signal)) {
        [resumeToken, awaySince, attempt] = [update.resumeToken, undefined, 1];
        const progress = readAnswer(() => fromWireWatchUpdate(update, 'update'));
        if (progress !== undefined) yield progress;
      }
      return;
    } catch (error) {
      awaySince ??= Date.now();
      if (!isAway(error) || Date.now() - awaySince > patienceMs) throw error;
    }
    await pause(retryDelayMs(attempt, Math.random(), RECONNECT), signal);
  }
}

function isAway(error: unknown): boolean {
  return error instanceof BitwrightError && error.kind === 'unavailable';
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw cancelledError();
  }
}
