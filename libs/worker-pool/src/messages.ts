import { BitwrightError, type ErrorKind, type FieldViolation, type WorkProgress } from '@bitwright/core';

/** To a child: do this job, or give one up. */
export type ToWorker<Job> =
  | { readonly kind: 'run'; readonly id: number; readonly job: Job }
  | { readonly kind: 'cancel'; readonly id: number };

/** From a child: how a job goes, and how it ended. */
export type FromWorker<Result> =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: WorkProgress }
  | { readonly kind: 'result'; readonly id: number; readonly result: Result }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorMessage };

/** An error as it crosses between processes. */
export type ErrorMessage = {
  readonly kind: ErrorKind;
  readonly reason: string;
  readonly message: string;
  readonly violations: readonly FieldViolation[];
  /** Of the cause, for the log. */
  readonly stack: string;
};

export function toErrorMessage({ kind, reason, message, violations, cause, stack }: BitwrightError): ErrorMessage {
  const origin = cause instanceof Error ? (cause.stack ?? cause.message) : stack;
  return { kind, reason, message, violations, stack: origin ?? '' };
}

export function fromErrorMessage({ kind, reason, message, violations, stack }: ErrorMessage): BitwrightError {
  return new BitwrightError(kind, reason, message, { violations, cause: stack });
}
