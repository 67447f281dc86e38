import { BitwrightError, type ErrorKind, type FieldViolation, toBitwrightError } from '@bitwright/core';
import { Status } from 'nice-grpc-common';
import { BadRequest, type ErrorDetails, RichServerError } from 'nice-grpc-error-details';

/** Trailer that carries {@link BitwrightError.reason}. */
export const REASON_TRAILER = 'bitwright-reason';

/** The only mapping of errors to gRPC: complete by its type, and one to one, so that it can be read backwards. */
export const STATUS_OF_KIND: Readonly<Record<ErrorKind, Status>> = {
  invalid_argument: Status.INVALID_ARGUMENT,
  not_found: Status.NOT_FOUND,
  already_exists: Status.ALREADY_EXISTS,
  failed_precondition: Status.FAILED_PRECONDITION,
  unsupported: Status.UNIMPLEMENTED,
  resource_exhausted: Status.RESOURCE_EXHAUSTED,
  unavailable: Status.UNAVAILABLE,
  aborted: Status.ABORTED,
  deadline_exceeded: Status.DEADLINE_EXCEEDED,
  cancelled: Status.CANCELLED,
  data_loss: Status.DATA_LOSS,
  internal: Status.INTERNAL,
};

const KIND_OF_STATUS = new Map(Object.entries(STATUS_OF_KIND).map(([kind, status]) => [status, kind as ErrorKind]));

/** What fits into trailers: HTTP/2 peers refuse header blocks of more than 16 KiB or so. */
const MESSAGE_CHARACTERS = 1024;
const VIOLATIONS = 16;
const VIOLATION_CHARACTERS = 256;

/** What a call fails with: status and details for the wire. An `internal` error keeps its message for the log alone. */
export function toServerError(thrown: unknown): { readonly error: RichServerError; readonly reason: string } {
  const { kind, reason, message, violations } = toBitwrightError(thrown);
  const text = kind === 'internal' ? 'internal error; the service has logged it' : shorten(message, MESSAGE_CHARACTERS);
  const details: ErrorDetails[] = violations.length === 0 ? [] : [toBadRequest(violations)];
  return { error: new RichServerError(STATUS_OF_KIND[kind], text, details), reason };
}

/** What a client learns of a failed call. */
export type FailedCall = {
  readonly status: Status;
  readonly message: string;
  /** From {@link REASON_TRAILER}; absent when the failure did not come from a Bitwright handler. */
  readonly reason: string | undefined;
  readonly details: readonly ErrorDetails[];
};

/** Rebuilds the error that the handler threw; a failure of the transport gets a kind and a reason of its own. */
export function fromFailedCall(call: FailedCall, cause?: unknown): BitwrightError {
  const { reason, message } = call;
  if (reason === undefined) return fromTransport(call, cause);
  const violations = call.details.flatMap((detail) => ('fieldViolations' in detail ? detail.fieldViolations : []));
  return new BitwrightError(KIND_OF_STATUS.get(call.status) ?? 'internal', reason, message, {
    violations: violations.map(({ field, description }) => ({ field, description })),
    cause,
  });
}

/**
 * Failures that gRPC itself made. A connection that breaks in the middle of a call shows as CANCELLED or INTERNAL
 * although nobody cancelled: both mean that the peer is gone, and that the call may be tried again.
 */
function fromTransport({ status, message: text }: FailedCall, cause: unknown): BitwrightError {
  // `No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: `
  const message =
    /^No connection established\. Last error: (?:Error: )?(.+?)\. Resolution note:/.exec(text)?.[1] ?? text;
  const error = (kind: ErrorKind, reason: string) => new BitwrightError(kind, reason, message, { cause });
  if (/larger than max/i.test(message)) return error('invalid_argument', 'MESSAGE_TOO_LARGE');
  if (status === Status.CANCELLED || isBrokenConnection(status, message))
    return error('unavailable', 'CONNECTION_LOST');
  const kind = KIND_OF_STATUS.get(status) ?? 'internal';
  return error(kind, kind === 'unavailable' ? 'PEER_UNAVAILABLE' : kind.toUpperCase());
}

function isBrokenConnection(status: Status, message: string): boolean {
  return (
    (status === Status.INTERNAL || status === Status.UNKNOWN) &&
    /RST_STREAM|ECONNRESET|GOAWAY|Connection dropped/i.test(message)
  );
}

function toBadRequest(violations: readonly FieldViolation[]): ErrorDetails {
  const fieldViolations = violations.slice(0, VIOLATIONS).map(({ field, description }) => ({
    field: shorten(field, VIOLATION_CHARACTERS),
    description: shorten(description, VIOLATION_CHARACTERS),
  }));
  return BadRequest.fromPartial({ fieldViolations });
}

const shorten = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`);
