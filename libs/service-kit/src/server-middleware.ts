import { performance } from 'node:perf_hooks';
import { type BitwrightError, type ErrorKind, toBitwrightError } from '@bitwright/core';
import { ServerError, type ServerMiddleware } from 'nice-grpc-common';
import type { Logger } from './logger.js';
import { REASON_TRAILER, toServerError } from './status.js';

/** Turns whatever a handler throws into a status, with the reason in its trailer; the libraries' own errors pass. */
export const mapErrors: ServerMiddleware = async function* mapErrors(call, context) {
  try {
    return yield* call.next(call.request, context);
  } catch (thrown) {
    if (thrown instanceof ServerError) throw thrown;
    const { error, reason } = toServerError(thrown);
    context.trailer.set(REASON_TRAILER, reason);
    throw error;
  }
};

/** Logs each call when it ends: at `debug` when it went well, at `info` when it was refused, at `error` for bugs. */
export function logCalls(logger: Logger): ServerMiddleware {
  return async function* log(call, context) {
    const startedAt = performance.now();
    const facts = () => ({
      method: call.method.path,
      peer: context.peer,
      ms: Math.round(performance.now() - startedAt),
    });
    try {
      const result = yield* call.next(call.request, context);
      logger.debug(facts(), 'call served');
      return result;
    } catch (thrown) {
      logFailure(logger, facts(), thrown);
      throw thrown;
    }
  };
}

function logFailure(logger: Logger, facts: object, thrown: unknown): void {
  if (thrown instanceof ServerError) {
    logger.info({ ...facts, status: thrown.code }, 'call refused');
    return;
  }
  const error = toBitwrightError(thrown);
  const { kind, reason, message } = error;
  const level = levelOf(kind);
  logger[level]({ ...facts, kind, reason, ...(level === 'error' && { err: rootOf(error) }) }, message);
}

/** What an unexpected error really was. */
function rootOf(error: BitwrightError): unknown {
  return error.cause ?? error;
}

function levelOf(kind: ErrorKind): 'info' | 'warn' | 'error' {
  switch (kind) {
    case 'internal':
    case 'data_loss':
      return 'error';
    case 'deadline_exceeded':
    case 'resource_exhausted':
    case 'unavailable':
      return 'warn';
    case 'invalid_argument':
    case 'not_found':
    case 'already_exists':
    case 'failed_precondition':
    case 'unsupported':
    case 'aborted':
    case 'cancelled':
      return 'info';
  }
}
