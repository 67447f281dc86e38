import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toBitwrightError, type WorkProgress } from '@bitwright/core';
import { type FromWorker, type ToWorker, toErrorMessage } from './messages.js';

/** What a job finds around it. */
export type JobContext = {
  /** Fires when the caller gave up; a job looks at it in `pause`. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: WorkProgress) => void;
  /**
   * To be awaited between steps of at most a few hundred ms: lets messages in, and throws `cancelled` when the caller
   * gave up. TensorFlow holds the thread, so nothing is heard without it.
   */
  readonly pause: () => Promise<void>;
};

/** Makes this child process run jobs for a `WorkerPool` until its parent goes away. */
export function serveJobs<Job, Result>(runJob: (job: Job, context: JobContext) => Promise<Result>): void {
  const running = new Map<number, AbortController>();
  const reply = (message: FromWorker<Result>) => process.send?.(message);
  const run = async (id: number, job: Job) => {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      const result = await runJob(
        job,
        createContext(abort.signal, (progress) => reply({ kind: 'progress', id, progress })),
      );
      reply({ kind: 'result', id, result });
    } catch (error) {
      reply({ kind: 'error', id, error: toErrorMessage(toBitwrightError(error)) });
    } finally {
      running.delete(id);
    }
  };
  process.on('message', (message: ToWorker<Job>) => {
    if (message.kind === 'run') void run(message.id, message.job);
    else running.get(message.id)?.abort();
  });
  process.on('disconnect', () => process.exit(0));
  // The terminal sends Ctrl-C to the whole group; only the parent decides what to do about it.
  process.on('SIGINT', () => {});
}

function createContext(signal: AbortSignal, onProgress: JobContext['onProgress']): JobContext {
  const pause = async () => {
    await nextTurn();
    signal.throwIfAborted();
  };
  return { signal, onProgress, pause };
}
