/**
 * What went wrong, as a closed set. Callers branch on `kind` and `reason`, never on the message.
 * architecture: resource_exhausted and unavailable may be retried; aborted is retried as a whole by the caller; the rest never.
 */
export type ErrorKind =
  | 'invalid_argument'
  | 'not_found'
  | 'already_exists'
  | 'failed_precondition'
  | 'unsupported'
  | 'resource_exhausted'
  | 'unavailable'
  | 'aborted'
  | 'deadline_exceeded'
  | 'cancelled'
  | 'data_loss'
  | 'internal';

/** One field of a request that was refused: its path (`spec.budget[0]`) and what to write instead. */
export type FieldViolation = { readonly field: string; readonly description: string };

export type BitwrightErrorOptions = {
  readonly cause?: unknown;
  readonly violations?: readonly FieldViolation[];
};

/** The only error that Bitwright throws on purpose. `reason` is a stable code such as `BUDGET_INFEASIBLE`. */
export class BitwrightError extends Error {
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly violations: readonly FieldViolation[];

  constructor(kind: ErrorKind, reason: string, message: string, options: BitwrightErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BitwrightError';
    this.kind = kind;
    this.reason = reason;
    this.violations = options.violations ?? [];
  }
}

/** An `invalid_argument` that names the field and the fix. */
export function invalidField(field: string, description: string, reason = 'INVALID_FIELD'): BitwrightError {
  return new BitwrightError('invalid_argument', reason, `${field}: ${description}`, {
    violations: [{ field, description }],
  });
}

/** One `invalid_argument` for all the fields that were refused together. */
export function invalidFields(violations: readonly FieldViolation[], reason = 'INVALID_FIELD'): BitwrightError {
  const message = violations.map(({ field, description }) => `${field}: ${description}`).join('; ');
  return new BitwrightError('invalid_argument', reason, message, { violations });
}

/** Thrown when the caller gave up (an AbortSignal fired). */
export function cancelledError(message = 'the caller cancelled the work'): BitwrightError {
  return new BitwrightError('cancelled', 'CANCELLED', message);
}

/** Any throwable as a BitwrightError; an unknown one becomes `internal` with the cause kept for logs. */
export function toBitwrightError(error: unknown): BitwrightError {
  if (error instanceof BitwrightError) return error;
  if (error instanceof Error && error.name === 'AbortError') return cancelledError();
  return new BitwrightError('internal', 'INTERNAL', 'an unexpected error occurred', { cause: error });
}

/** Whether work ended the process that did it: who passes this on has tried more than once, and is there itself. */
export function isWorkerDeath(error: unknown): boolean {
  return error instanceof BitwrightError && error.reason === 'WORKER_DIED';
}
