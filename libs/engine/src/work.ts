import type { WorkProgress } from '@bitwright/core';

/**
 * Long work as a generator: it gives its progress after each step (a batch, at most about a second), and whoever runs
 * it may stop between two steps by not going on. TensorFlow blocks its thread during a step.
 */
export type Work<T> = Generator<WorkProgress, T, void>;

/** Runs work to its end, without a pause. */
export function finish<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}
