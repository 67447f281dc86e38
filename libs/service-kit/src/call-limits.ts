import { BitwrightError, untilAborted } from '@bitwright/core';
import type { CallContext, ServerMiddleware, ServerMiddlewareCall } from 'nice-grpc-common';
import { type Deadline, startDeadline } from './deadline.js';

/** How long a handler may take, ms; undefined for no limit of the server's own. */
export type ServerDeadlines = {
  /** @default 120 000 */
  readonly unaryMs?: number | undefined;
  /** Of calls that stream in either direction: training and watching take as long as they take. @default none */
  readonly streamMs?: number | undefined;
};

/** What handlers find in their context besides nice-grpc's own. */
export type CallLimits = {
  /**
   * For streams without an end of their own: when the server drains, the call ends at once with `unavailable`
   * `SHUTTING_DOWN` instead of holding the process up until it is forced.
   */
  abortOnTerminate(): void;
};

export const DEFAULT_DEADLINES: ServerDeadlines = { unaryMs: 120_000 };

/**
 * Ends a call when the server's deadline is over, and opted-in calls when `draining` fires, whether or not the handler
 * listens: its `context.signal` fires, and the client gets its answer at once.
 */
export function limitCalls(deadlines: ServerDeadlines, draining: AbortSignal): ServerMiddleware<CallLimits> {
  return async function* limit<Request, Response>(
    call: ServerMiddlewareCall<Request, Response, CallLimits>,
    context: CallContext,
  ) {
    const streams = call.requestStream || call.responseStream;
    const deadline = startDeadline(streams ? deadlines.streamMs : deadlines.unaryMs, context.signal);
    const limits = createLimits(deadline, draining);
    try {
      const { signal } = deadline;
      const limited = { ...context, ...limits.context, signal };
      if (call.responseStream) return yield* endWhenAborted(call.next(call.request, limited), signal);
      return yield* endWhenAborted(call.next(call.request, limited), signal);
    } finally {
      limits.dispose();
      deadline.dispose();
    }
  };
}

function createLimits(deadline: Deadline, draining: AbortSignal) {
  const onDrain = () =>
    deadline.abort(new BitwrightError('unavailable', 'SHUTTING_DOWN', 'the service is shutting down'));
  const abortOnTerminate = () => {
    if (draining.aborted) onDrain();
    draining.addEventListener('abort', onDrain, { once: true });
  };
  return {
    context: { abortOnTerminate } satisfies Partial<CallContext> & CallLimits,
    dispose: () => draining.removeEventListener('abort', onDrain),
  };
}

/** Passes on what the handler gives until the signal fires; then throws its reason without waiting for the handler. */
async function* endWhenAborted<Message, Result>(
  handler: AsyncGenerator<Message, Result, undefined>,
  signal: AbortSignal,
): AsyncGenerator<Message, Result, undefined> {
  try {
    for (;;) {
      const step = await untilAborted(handler.next(), signal);
      if (step.done === true) return step.value;
      yield step.value;
    }
  } finally {
    // Lets the handler clean up, without waiting for one that does not listen to its signal.
    handler.return(undefined as Result).catch(() => {});
  }
}
