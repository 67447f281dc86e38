import type { SearchStore } from '@bitwright/core';
import type { SqlDatabase } from './database.js';
import { openEmbeddedDatabase, openMemoryDatabase } from './embedded-database.js';
import { migrate } from './migrations.js';
import { openServerDatabase } from './server-database.js';
import { SqlSearchStore } from './sql-search-store.js';
import { parseStoreUrl } from './store-url.js';

export type SearchStoreOptions = {
  /** `postgres://…`, a folder (plain or `file:…`) for the embedded PostgreSQL, or `memory:` for tests. */
  readonly url: string;
};

/**
 * Opens the store and brings its schema up to date. Throws `invalid_argument` for a URL it cannot read,
 * `failed_precondition` when another process has the folder open or a newer Bitwright wrote the schema, and
 * `unavailable` when the server is not there.
 */
export async function openSearchStore({ url }: SearchStoreOptions): Promise<SearchStore> {
  const database = await openDatabase(url);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return new SqlSearchStore(database);
}

async function openDatabase(url: string): Promise<SqlDatabase> {
  const location = parseStoreUrl(url);
  switch (location.kind) {
    case 'server':
      return openServerDatabase(location.url);
    case 'folder':
      return openEmbeddedDatabase(location.folder);
    case 'memory':
      return openMemoryDatabase();
  }
}
