import type { WorkOptions, WorkProgress } from '@bitwright/core';

export type WorkUpdate<Result> =
  | { readonly kind: 'progress'; readonly progress: WorkProgress }
  | { readonly kind: 'result'; readonly result: Result };

/** What a client hears of before work has said anything. */
const QUEUED: WorkProgress = { phase: 'queued', done: 0, total: 0 };

/**
 * Runs work and gives its progress as it comes (only the latest when the reader is slow), the last progress again
 * after `heartbeatMs` of silence, and its result last. Throws what the work throws.
 */
export async function* followProgress<Result>(
  run: (options: WorkOptions) => Promise<Result>,
  signal: AbortSignal,
  heartbeatMs: number,
): AsyncGenerator<WorkUpdate<Result>> {
  const bell = createBell();
  let latest = QUEUED;
  let settled = false;
  const onProgress = (progress: WorkProgress) => {
    latest = progress;
    bell.ring();
  };
  const work = run({ signal, onProgress });
  const onSettled = () => {
    settled = true;
    bell.ring();
  };
  work.then(onSettled, onSettled);
  for (;;) {
    await bell.wait(heartbeatMs);
    if (settled) break;
    yield { kind: 'progress', progress: latest };
  }
  yield { kind: 'result', result: await work };
}

/** Wakes one waiter; a ring while nobody waits is not lost. */
function createBell() {
  let rung = false;
  let wake = () => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    wait: async (ms: number) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
