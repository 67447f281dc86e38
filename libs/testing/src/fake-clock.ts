import { type Clock, cancelledError } from '@bitwright/core';

/** Time that moves only when a test or a sleeper moves it. */
export type FakeClock = Clock & {
  /** Moves time and wakes those whose time has come, in order. */
  advance(milliseconds: number): void;
};

type Sleeper = { readonly untilMs: number; wake(): void };

/** Starts at 1 January 2026 unless told otherwise; `startMs` is in milliseconds since the epoch. */
export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  const sleepers = new Set<Sleeper>();

  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const sleeper = { untilMs: nowMs + milliseconds, wake: resolve };
      const giveUp = () => {
        sleepers.delete(sleeper);
        reject(cancelledError());
      };
      if (signal?.aborted === true) return giveUp();
      signal?.addEventListener('abort', giveUp, { once: true });
      sleepers.add(sleeper);
    });

  const advance = (milliseconds: number) => {
    nowMs += milliseconds;
    const due = [...sleepers].filter(({ untilMs }) => untilMs <= nowMs).sort((a, b) => a.untilMs - b.untilMs);
    for (const sleeper of due) {
      sleepers.delete(sleeper);
      sleeper.wake();
    }
  };

  return { now: () => nowMs, sleep, advance };
}
