import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type FolderLock, lockFolder } from '@bitwright/service-kit';
import { PGlite } from '@electric-sql/pglite';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './database.js';
import { toDatabaseError } from './database-error.js';
import { DurableNodeFS } from './durable-node-fs.js';
import { prepareDataFolder } from './embedded-folder.js';
import { durableOptions, memoryOptions } from './embedded-settings.js';

/** Written since the last clean-up, in bytes; the clean-up holds the process for some 50 ms. */
const CLEAN_UP_AFTER_BYTES = 16 * 1024 ** 2;

/**
 * PostgreSQL inside this process, on a folder that is created when missing. Survives the death of the process at any
 * moment. Throws `failed_precondition` `FOLDER_IN_USE` while another process has the folder open.
 */
export async function openEmbeddedDatabase(folder: string): Promise<SqlDatabase> {
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(join(folder, 'lock'));
  try {
    const fs = new DurableNodeFS(await prepareDataFolder(folder));
    return new EmbeddedDatabase(await PGlite.create({ ...durableOptions(), fs }), lock);
  } catch (error) {
    await lock.release();
    throw toDatabaseError(error, `the database in ${folder}`);
  }
}

/** The same in memory, for tests. */
export async function openMemoryDatabase(): Promise<SqlDatabase> {
  return new EmbeddedDatabase(await PGlite.create(memoryOptions), undefined);
}

class EmbeddedDatabase implements SqlDatabase {
  readonly #database: PGlite;
  readonly #lock: FolderLock | undefined;
  #writtenBytes = 0;

  constructor(database: PGlite, lock: FolderLock | undefined) {
    this.#database = database;
    this.#lock = lock;
  }

  async query(text: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return this.#run(() => this.#send(this.#database, text, values));
  }

  async transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#run(() =>
      this.#database.transaction((transaction) =>
        work({ query: (text, values = []) => this.#send(transaction, text, values) }),
      ),
    );
  }

  async close(): Promise<void> {
    try {
      await this.#database.close();
    } finally {
      await this.#lock?.release();
    }
  }

  async #send(to: Pick<PGlite, 'query'>, text: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    this.#writtenBytes += values.reduce((bytes: number, value) => bytes + sizeOf(value), 0);
    return (await to.query<SqlRow>(text, [...values])).rows;
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      if (this.#writtenBytes > CLEAN_UP_AFTER_BYTES) await this.#cleanUp();
      return result;
    } catch (error) {
      throw toDatabaseError(error, 'the embedded database');
    }
  }

  /** Nothing runs beside a single process: old versions of rows and the log would grow for ever. */
  async #cleanUp(): Promise<void> {
    this.#writtenBytes = 0;
    try {
      await this.#database.exec('VACUUM');
      await this.#database.exec('CHECKPOINT');
    } catch {
      // what was written stays written; the next clean-up tries again
    }
  }
}

function sizeOf(value: SqlValue): number {
  if (typeof value === 'string') return value.length;
  return value instanceof Uint8Array ? value.byteLength : 8;
}
