import type { JobContext } from '@bitwright/worker-pool';
import type { Work } from '../work.js';

/**
 * Runs work to its end inside a job: tells its progress and lets a cancellation in after every step. Work that is cancelled
 * is closed, so that it gives back its compiled graphs.
 */
export async function runWork<T>(work: Work<T>, { onProgress, pause }: JobContext): Promise<T> {
  try {
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      onProgress(step.value);
      await pause();
    }
  } finally {
    work.return(undefined as never);
  }
}
