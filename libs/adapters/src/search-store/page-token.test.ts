import { describe, expect, it } from 'vitest';
import { assertPageSize, formatPageToken, parsePageToken } from './page-token.js';

describe('a page token', () => {
  it('reads back as the position it was made from', () => {
    const position = { createdAt: 1_700_000_000_123, order: 42 };
    expect(parsePageToken(formatPageToken(position, {}), {})).toEqual(position);
  });

  it.each(['', 'nonsense', Buffer.from('[1]').toString('base64url'), Buffer.from('["a",1,""]').toString('base64url')])(
    'is refused when no page gave it: %j',
    (token) => {
      expect(() => parsePageToken(token, {})).toThrowError(expect.objectContaining({ reason: 'PAGE_TOKEN' }));
    },
  );

  it('is refused with another filter than its own', () => {
    const token = formatPageToken({ createdAt: 1, order: 1 }, { state: 'running' });
    expect(() => parsePageToken(token, { state: 'failed' })).toThrowError(
      expect.objectContaining({ reason: 'PAGE_TOKEN' }),
    );
  });
});

describe('a page size', () => {
  it.each([0, -1, 1.5, 1001, Number.NaN])('of %d is refused', (size) => {
    expect(() => assertPageSize(size)).toThrowError(expect.objectContaining({ kind: 'invalid_argument' }));
  });
});
