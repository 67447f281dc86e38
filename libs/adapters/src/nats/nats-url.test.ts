import { describe, expect, it } from 'vitest';
import { parseNatsUrl } from './nats-url.js';

describe('parseNatsUrl', () => {
  it.each([
    ['nats://127.0.0.1:4222', { servers: ['127.0.0.1:4222'] }],
    ['nats://a:1, nats://b:2', { servers: ['a:1', 'b:2'] }],
    ['nats://me:p%40ss@a:1', { servers: ['a:1'], user: 'me', pass: 'p@ss' }],
    ['nats://s3cret@a', { servers: ['a'], token: 's3cret' }],
    ['tls://a:4443', { servers: ['a:4443'], tls: {} }],
  ])('reads %s', (url, login) => {
    expect(parseNatsUrl(url)).toEqual(login);
  });

  it.each(['', 'a:1', 'http://a', 'nats://', 'nats://me:s3cret@'])('refuses %j and does not repeat it', (url) => {
    expect(() => parseNatsUrl(url)).toThrowError(expect.objectContaining({ reason: 'NATS_URL' }));
    expect(() => parseNatsUrl(url)).not.toThrowError(/s3cret/);
  });
});
