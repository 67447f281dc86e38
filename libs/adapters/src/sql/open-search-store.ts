import type { SearchStore } from '@bitwright/core';
import type { SqlDatabase } from './database.js';
import { lockDatabase } from './database-lock.js';
import { openEmbeddedDatabase, openMemoryDatabase } from './embedded-database.js';
import { migrate } from './migrations.js';
import { openServerDatabase } from './server-database.js';
import { SqlSearchStore } from './sql-search-store.js';
import { parseStoreUrl } from './store-url.js';

export type SearchStoreOptions = {
  /** `postgres://…`, a folder (plain or `file:…`) for the embedded PostgreSQL, or `memory:` for tests. */
  readonly url: string;
  /** Told when a server's database may be used by another agent, too, and when no more; and when events are dropped. */
  readonly onNotice?: ((notice: string) => void) | undefined;
};

/**
 * Opens the store and brings its schema up to date. Throws `invalid_argument` for a URL it cannot read,
 * `failed_precondition` when another process has the folder open or the server's database in use, or a newer Bitwright
 * wrote the schema, and `unavailable` when the server is not there.
 */
export async function openSearchStore({ url, onNotice = () => {} }: SearchStoreOptions): Promise<SearchStore> {
  const database = await openDatabase(url, onNotice);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return new SqlSearchStore(database, { onNotice });
}

async function openDatabase(url: string, onNotice: (notice: string) => void): Promise<SqlDatabase> {
  const location = parseStoreUrl(url);
  switch (location.kind) {
    case 'server':
      return openOwnDatabase(location.url, onNotice);
    case 'folder':
      return openEmbeddedDatabase(location.folder);
    case 'memory':
      return openMemoryDatabase();
  }
}

/** A server's database for one agent alone. */
async function openOwnDatabase(url: string, onNotice: (notice: string) => void): Promise<SqlDatabase> {
  const database = openServerDatabase(url);
  try {
    // Waits for a server that is starting, and says what is wrong with the URL.
    await database.query('SELECT 1');
    const lock = await lockDatabase(url, onNotice);
    const close = () => database.close().finally(() => lock.release());
    return { query: database.query.bind(database), transaction: database.transaction.bind(database), close };
  } catch (error) {
    await database.close();
    throw error;
  }
}
