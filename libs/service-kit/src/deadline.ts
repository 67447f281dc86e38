import { BitwrightError } from '@bitwright/core';

/** A signal that fires when the parent does or when time is up; `dispose` stops the clock. */
export type Deadline = { readonly signal: AbortSignal; abort(reason: Error): void; dispose(): void };

/**
 * Starts a clock of `ms` milliseconds (undefined: none). When it runs out, the signal fires with a `deadline_exceeded`
 * error as its reason; when the parent fires, with the parent's reason.
 */
export function startDeadline(ms: number | undefined, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const onParent = () => controller.abort(parent?.reason);
  const timer = ms === undefined ? undefined : setTimeout(() => controller.abort(deadlineExceeded(ms)), ms);
  if (parent?.aborted === true) onParent();
  parent?.addEventListener('abort', onParent, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    dispose: () => {
      clearTimeout(timer);
      parent?.removeEventListener('abort', onParent);
    },
  };
}

function deadlineExceeded(ms: number): BitwrightError {
  return new BitwrightError('deadline_exceeded', 'DEADLINE_EXCEEDED', `the call took longer than ${ms} ms`);
}
