import { setTimeout as sleep } from 'node:timers/promises';
import { BitwrightError, cancelledError, toBitwrightError } from '@bitwright/core';
import { ClientError, type ClientMiddleware, Metadata, type MethodDescriptor } from 'nice-grpc-common';
import { RichClientError } from 'nice-grpc-error-details';
import { startDeadline } from './deadline.js';
import { DEFAULT_RETRY, mayRetry, type RetryPolicy, retryDelayMs } from './retry.js';
import { fromFailedCall, REASON_TRAILER } from './status.js';

/** What a caller may say about one call, besides nice-grpc's own `signal` and `metadata`. */
export type CallLimitOptions = {
  /** How long the call may take in all, tries included, ms; `Infinity` for no limit. */
  readonly deadlineMs?: number | undefined;
};

/** Rebuilds the `BitwrightError` that the service threw; the caller's own abort becomes `cancelled`. */
export const rebuildErrors: ClientMiddleware = async function* rebuildErrors(call, options) {
  let reason: string | undefined;
  try {
    return yield* call.next(call.request, {
      ...options,
      onTrailer: (trailer) => {
        reason = trailer.get(REASON_TRAILER);
        options.onTrailer?.(trailer);
      },
    });
  } catch (thrown) {
    throw toCallError(thrown, reason, options.signal);
  }
};

function toCallError(thrown: unknown, reason: string | undefined, signal: AbortSignal | undefined): BitwrightError {
  if (signal?.aborted === true) return toAbortError(signal.reason);
  if (!(thrown instanceof ClientError)) return toBitwrightError(thrown);
  const details = thrown instanceof RichClientError ? thrown.extra : [];
  return fromFailedCall({ status: thrown.code, message: thrown.details, reason, details }, thrown);
}

/** A deadline says so itself; any other reason to abort is the caller's. */
function toAbortError(reason: unknown): BitwrightError {
  return reason instanceof BitwrightError ? reason : cancelledError();
}

/** Ends the call when its time is over, and tells the server how long it has. */
export function limitTime(defaults: {
  readonly unaryMs: number;
  readonly streamMs: number;
}): ClientMiddleware<CallLimitOptions> {
  return async function* limit(call, { deadlineMs, ...options }) {
    const streams = call.requestStream || call.responseStream;
    const ms = deadlineMs ?? (streams ? defaults.streamMs : defaults.unaryMs);
    if (!Number.isFinite(ms)) return yield* call.next(call.request, options);
    const deadline = startDeadline(ms, options.signal);
    const metadata = Metadata(options.metadata).set(
      'grpc-timeout',
      `${Math.min(Math.max(1, Math.ceil(ms)), 99_999_999)}m`,
    );
    try {
      return yield* call.next(call.request, { ...options, metadata, signal: deadline.signal });
    } finally {
      deadline.dispose();
    }
  };
}

/** Tries idempotent unary calls again while the peer cannot be reached; streams are left to their callers. */
export function retryUnavailable(policy: RetryPolicy = DEFAULT_RETRY): ClientMiddleware {
  return async function* retry(call, options) {
    if (call.requestStream || call.responseStream) return yield* call.next(call.request, options);
    const idempotent = isIdempotent(call.method);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return yield* call.next(call.request, options);
      } catch (thrown) {
        const error = toBitwrightError(thrown);
        if (!mayRetry({ error, idempotent, attempt }, policy)) throw error;
      }
      await pause(retryDelayMs(attempt, Math.random(), policy), options.signal);
    }
  };
}

function isIdempotent({ options }: MethodDescriptor): boolean {
  return options.idempotencyLevel === 'IDEMPOTENT' || options.idempotencyLevel === 'NO_SIDE_EFFECTS';
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw toAbortError(signal?.reason);
  }
}
