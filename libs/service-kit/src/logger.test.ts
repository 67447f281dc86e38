import { describe, expect, it } from 'vitest';
import { createLogger, redactUrls } from './logger.js';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(createLogger({ service: 'agent', destination: { write: (line) => void lines.push(line) } }));
  return JSON.parse(lines.join('')) as Record<string, unknown>;
}

describe('log lines', () => {
  it('are JSON with service, level by name and ISO time', () => {
    const line = logged((logger) => logger.info({ address: '127.0.0.1:1' }, 'listening'));
    expect(line).toMatchObject({ service: 'agent', level: 'info', msg: 'listening', address: '127.0.0.1:1' });
    expect(Number.isNaN(Date.parse(String(line['time'])))).toBe(false);
  });

  it('never hold a password, whether in a URL, under its key or in an error', () => {
    const url = 'postgres://user:hunter2@host/db';
    const error = new Error(`cannot connect to ${url}`);
    const line = logged((logger) =>
      logger.error({ err: error, url, password: 'hunter2', nested: { token: 'hunter2' } }, `using ${url}`),
    );
    expect(JSON.stringify(line)).not.toContain('hunter2');
    expect(line['url']).toBe('postgres://user:***@host/db');
  });
});

describe('redactUrls', () => {
  it.each([
    ['nats://user:word@host:4222', 'nats://user:***@host:4222'],
    ['nats://token@host:4222', 'nats://***@host:4222'],
    ['see nats://a:b@x and pg://c:d@y', 'see nats://a:***@x and pg://c:***@y'],
    ['http://host/path', 'http://host/path'],
    ['mail someone@example.org', 'mail someone@example.org'],
  ])('%s becomes %s', (text, expected) => {
    expect(redactUrls(text)).toBe(expected);
  });
});
