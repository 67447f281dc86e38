import { fileURLToPath } from 'node:url';
import { invalidField } from '@bitwright/core';

/** Where searches are kept: a PostgreSQL server, a folder with an embedded one, or memory (for tests). */
export type StoreLocation =
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'memory' };

/** Reads `postgres://…`, `file:…`, a plain folder, or `memory:`. Throws `invalid_argument` for any other scheme. */
export function parseStoreUrl(url: string): StoreLocation {
  if (url.trim() === '')
    throw invalidField('url', 'is empty; give a folder or postgres://user@host/database', 'STORE_URL');
  if (url === 'memory:') return { kind: 'memory' };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: 'folder', folder: url };
  if (scheme === 'file')
    return { kind: 'folder', folder: url.startsWith('file:/') ? fileURLToPath(url) : url.slice(5) };
  if (scheme !== 'postgres' && scheme !== 'postgresql') throw unknownScheme(scheme);
  if (!URL.canParse(url))
    throw invalidField('url', 'is not a URL; write postgres://user@host:5432/database', 'STORE_URL');
  return { kind: 'server', url };
}

/** The URL as it may be logged: without user, password and parameters. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return '(a malformed URL)';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function unknownScheme(scheme: string) {
  const description = `has the scheme ${scheme}:; use a folder, file:, postgres: or memory:`;
  return invalidField('url', description, 'STORE_URL');
}
