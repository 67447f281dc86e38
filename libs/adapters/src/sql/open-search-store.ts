import type { SearchStore } from '@bitwright/core';
import { createAgentFence } from './agent-fence.js';
import type { SqlDatabase } from './database.js';
import { lockDatabase } from './database-lock.js';
import { openEmbeddedDatabase, openMemoryDatabase } from './embedded-database.js';
import { migrate } from './migrations.js';
import { openServerDatabase } from './server-database.js';
import { SqlSearchStore } from './sql-search-store.js';
import { parseStoreUrl, redactUrl } from './store-url.js';

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
  return new SqlSearchStore(await openDatabase(url, onNotice), { onNotice });
}

async function openDatabase(url: string, onNotice: (notice: string) => void): Promise<SqlDatabase> {
  const location = parseStoreUrl(url);
  switch (location.kind) {
    case 'server':
      return openOwnDatabase(location.url, onNotice);
    case 'folder':
      return migrated(await openEmbeddedDatabase(location.folder));
    case 'memory':
      return migrated(await openMemoryDatabase());
  }
}

/** Up to date, or closed again. */
async function migrated(database: SqlDatabase): Promise<SqlDatabase> {
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A server's database for one agent alone. */
async function openOwnDatabase(url: string, onNotice: (notice: string) => void): Promise<SqlDatabase> {
  const database = openServerDatabase(url);
  const fence = createAgentFence(`the database ${redactUrl(url)}`);
  let lock: Awaited<ReturnType<typeof lockDatabase>>;
  try {
    // Waits for a server that is starting, and says what is wrong with the URL.
    await database.query('SELECT 1');
    lock = await lockDatabase(url, { onNotice, onTakenAgain: fence.claim });
  } catch (error) {
    await database.close();
    throw error;
  }
  const close = () => database.close().finally(() => lock.release());
  const { query, transaction } = database;
  const own = await migrated({ query: query.bind(database), transaction: transaction.bind(database), close });
  await fence.claim(own);
  return fence.fenced(own);
}
