import { invalidField } from '@bitwright/core';
import type { ConnectionOptions } from 'nats';

/** How to reach the servers: `servers` carry no credentials, so that they may be logged. */
export type NatsLogin = Pick<ConnectionOptions, 'servers' | 'user' | 'pass' | 'token' | 'tls'> & {
  readonly servers: string[];
};

/**
 * Reads `nats://host:4222`, `nats://user:password@host`, `nats://token@host` and `tls://…`; several servers of one
 * cluster are separated by commas and share the first one's credentials. Throws `invalid_argument` for anything else.
 */
export function parseNatsUrl(url: string): NatsLogin {
  const urls = url.split(',').map((part) => parseOne(part.trim()));
  const first = urls[0] as URL;
  const servers = urls.map(({ host }) => host);
  const encrypted = urls.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {};
  const name = decodeURIComponent(first.username);
  if (name === '') return { servers, ...encrypted };
  if (first.password === '') return { servers, token: name, ...encrypted };
  return { servers, user: name, pass: decodeURIComponent(first.password), ...encrypted };
}

function parseOne(text: string): URL {
  const isKnown = /^(nats|tls):\/\//.test(text) && URL.canParse(text);
  const parsed = isKnown ? new URL(text) : undefined;
  if (parsed !== undefined && parsed.host !== '') return parsed;
  // the text may hold a password: it is not repeated
  throw invalidField('url', 'is not nats://host:port or tls://host:port', 'NATS_URL');
}
