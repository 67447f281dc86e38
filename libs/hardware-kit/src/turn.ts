/** Longest time that a computation may hold the event loop, ms: health checks and cancellations must get through. */
const TURN_MS = 8;

/** Lets other work of the process run, if this computation has held the event loop for its turn. */
export type Turn = { takeBreakIfDue(): Promise<void> };

/** A turn that starts now. */
export function startTurn(turnMs: number = TURN_MS): Turn {
  let startedAt = performance.now();
  return {
    takeBreakIfDue: async () => {
      if (performance.now() - startedAt < turnMs) return;
      await new Promise((resolve) => setImmediate(resolve));
      startedAt = performance.now();
    },
  };
}
