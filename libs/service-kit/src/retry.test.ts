import { BitwrightError, type ErrorKind } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRY, mayRetry, retryDelayMs } from './retry.js';
import { STATUS_OF_KIND } from './status.js';

const kinds = Object.keys(STATUS_OF_KIND) as ErrorKind[];
const failed = (kind: ErrorKind) => new BitwrightError(kind, 'REASON', 'message');

describe('may I try again?', () => {
  it('only when the peer was unavailable', () => {
    const allowed = kinds.filter((kind) => mayRetry({ error: failed(kind), idempotent: true, attempt: 1 }));
    expect(allowed).toEqual(['unavailable']);
  });

  it('never a call that is not idempotent', () => {
    expect(mayRetry({ error: failed('unavailable'), idempotent: false, attempt: 1 })).toBe(false);
  });

  it('only so often', () => {
    expect(mayRetry({ error: failed('unavailable'), idempotent: true, attempt: DEFAULT_RETRY.attempts - 1 })).toBe(
      true,
    );
    expect(mayRetry({ error: failed('unavailable'), idempotent: true, attempt: DEFAULT_RETRY.attempts })).toBe(false);
  });
});

describe('how long?', () => {
  it('up to a bound that doubles and then stays', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelayMs(attempt, 1));
    expect(bounds).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it('spread out by chance', () => {
    expect(retryDelayMs(1, 0)).toBe(0);
    expect(retryDelayMs(1, 0.25)).toBe(25);
  });
});
