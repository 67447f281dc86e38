import type { WorkOptions, WorkProgress } from '@bitwright/core';

export type WorkUpdate<Result> =
  | { readonly kind: 'progress'; readonly progress: WorkProgress }
  | { readonly kind: 'result'; readonly result: Result };

/** What a client hears of before work has said anything. */
const QUEUED: WorkProgress = { phase: 'queued', done: 0, total: 0 };

/** Lines of one message, in characters, unless a single one has more: well below what a message may hold. */
const MOST_CHARACTERS = 1_048_576;

/**
 * Runs work and gives its progress as it comes (only the latest when the reader is slow, with every line that was logged),
 * the last progress again after `heartbeatMs` of silence, and its result last. Throws what the work throws.
 */
export async function* followProgress<Result>(
  run: (options: WorkOptions) => Promise<Result>,
  signal: AbortSignal,
  heartbeatMs: number,
): AsyncGenerator<WorkUpdate<Result>> {
  const bell = createBell();
  const waiting: string[] = [];
  let latest = QUEUED;
  let settled = false;
  const onProgress = ({ logLines = [], ...progress }: WorkProgress) => {
    latest = progress;
    waiting.push(...logLines);
    bell.ring();
  };
  const work = run({ signal, onProgress });
  const onSettled = () => {
    settled = true;
    bell.ring();
  };
  work.then(onSettled, onSettled);
  for (;;) {
    if (waiting.length === 0) await bell.wait(heartbeatMs);
    if (settled && waiting.length === 0) break;
    const logLines = takeLines(waiting);
    yield { kind: 'progress', progress: logLines.length === 0 ? latest : { ...latest, logLines } };
  }
  yield { kind: 'result', result: await work };
}

/** Takes the first lines, as many as go into one message. */
function takeLines(lines: string[]): readonly string[] {
  let characters = 0;
  const end = lines.findIndex((line) => {
    characters += line.length;
    return characters > MOST_CHARACTERS;
  });
  return lines.splice(0, end < 0 ? lines.length : Math.max(1, end));
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
