import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BitwrightError, cancelledError, invalidField } from '@bitwright/core';

/** What is hashed without a pause: a millisecond or two. */
const HASHED_AT_ONCE = 1024 ** 2;

/** SHA-256 in lower-case hex, by the platform's own code and a piece at a time: artifacts have hundreds of megabytes. */
export async function digestOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes.length; start += HASHED_AT_ONCE) {
    if (start > 0) await nextTurn();
    hash.update(bytes.subarray(start, start + HASHED_AT_ONCE));
  }
  return hash.digest('hex');
}

/** Throws `invalid_argument` for anything but 64 lower-case hex digits: a digest becomes part of a path. */
export function assertDigest(digest: string): void {
  if (/^[0-9a-f]{64}$/.test(digest)) return;
  throw invalidField('digest', 'is not a SHA-256 in lower-case hex', 'ARTIFACT_DIGEST');
}

/** Throws `invalid_argument` `ARTIFACT_TOO_LARGE` above the limit, in bytes. */
export function assertSize(bytes: Uint8Array, maximumBytes: number): void {
  if (bytes.byteLength <= maximumBytes) return;
  throw invalidField('bytes', `has ${bytes.byteLength} bytes, the limit is ${maximumBytes}`, 'ARTIFACT_TOO_LARGE');
}

/** Throws `cancelled` when the caller gave up. */
export function assertNotCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelledError();
}

/** `not_found` for a digest that the store does not hold. */
export function artifactNotFound(digest: string): BitwrightError {
  return new BitwrightError('not_found', 'ARTIFACT_NOT_FOUND', `there is no artifact ${digest}`);
}

/** `data_loss` for stored bytes that no longer match their digest. */
export function artifactCorrupt(digest: string): BitwrightError {
  const message = `artifact ${digest} is damaged: its bytes no longer match the digest; store it again`;
  return new BitwrightError('data_loss', 'ARTIFACT_CORRUPT', message);
}
