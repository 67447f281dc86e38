import { BitwrightError, type ErrorKind, toBitwrightError } from '@bitwright/core';
import { errorCode } from '@bitwright/service-kit';

/** SQLSTATE codes, or their two-letter classes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const KINDS: Readonly<Record<string, readonly [ErrorKind, string, string]>> = {
  '08': ['unavailable', 'DATABASE_UNAVAILABLE', 'the connection to the database was lost'],
  '22': ['invalid_argument', 'DATABASE_VALUE', 'the database cannot store this value'],
  '28': ['failed_precondition', 'DATABASE_REFUSED', 'the database refused the user or the password'],
  '3D': ['failed_precondition', 'DATABASE_MISSING', 'the server has no such database'],
  '40': ['aborted', 'TRANSACTION_ABORTED', 'another transaction won a race'],
  '42501': ['failed_precondition', 'DATABASE_FORBIDDEN', 'the user lacks a right in the database'],
  '53': ['resource_exhausted', 'DATABASE_FULL', 'the database is out of disk space, memory or connections'],
  '57': ['unavailable', 'DATABASE_UNAVAILABLE', 'the database stopped or is starting'],
  '58': ['unavailable', 'DATABASE_UNAVAILABLE', 'the database had an input or output error'],
  XX001: ['data_loss', 'DATABASE_DAMAGED', 'the database holds damaged data'],
  XX002: ['data_loss', 'DATABASE_DAMAGED', 'the database holds a damaged index'],
};

/** What the network says before there is a database to speak of. */
const NETWORK_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/;

/** pg gives these without a code. */
const LOST_CONNECTION =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|connection error and is not queryable/i;

/** What a driver threw as a BitwrightError; the driver's own error stays its cause. `where` has no password in it. */
export function toDatabaseError(error: unknown, where: string): BitwrightError {
  if (error instanceof BitwrightError) return error;
  const code = errorCode(error);
  const known = KINDS[code] ?? KINDS[code.slice(0, 2)];
  if (known !== undefined) return new BitwrightError(known[0], known[1], `${where}: ${known[2]}`, { cause: error });
  if (!isLostConnection(error, code)) return toBitwrightError(error);
  const message = `${where} cannot be reached`;
  return new BitwrightError('unavailable', 'DATABASE_UNAVAILABLE', message, { cause: error });
}

function isLostConnection(error: unknown, code: string): boolean {
  return NETWORK_CODES.test(code) || (error instanceof Error && LOST_CONNECTION.test(error.message));
}
