import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BitwrightError } from '@bitwright/core';
import { EMBEDDED_POSTGRES_VERSION } from './embedded-settings.js';

/** Runs in a thread: making a database blocks for seconds and takes 700 MB, which end with the thread. */
const CREATE_DATABASE = `
  const { workerData } = require('node:worker_threads');
  const { PGlite } = require(workerData.module);
  PGlite.create(workerData.folder).then((database) => database.close());
`;

/**
 * The data folder of the embedded PostgreSQL inside `folder`, made when missing (whole or not at all). The caller
 * holds the folder's lock. Throws `failed_precondition` `DATABASE_VERSION` when another major version wrote it.
 */
export async function prepareDataFolder(folder: string): Promise<string> {
  const dataFolder = join(folder, 'postgres');
  await removeUnfinished(folder);
  if (!existsSync(dataFolder)) await createWhole(dataFolder, join(folder, `${UNFINISHED}${randomUUID()}`));
  await assertVersion(dataFolder);
  return dataFolder;
}

const UNFINISHED = 'postgres.new-';

async function removeUnfinished(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(UNFINISHED));
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
}

async function createWhole(dataFolder: string, unfinished: string): Promise<void> {
  await mkdir(unfinished, { mode: 0o700 });
  try {
    await runCreation(unfinished);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    const message = `the database in ${dataFolder} could not be created; is there space and the right to write?`;
    throw new BitwrightError('failed_precondition', 'DATABASE_CREATION', message, { cause });
  }
  await syncTree(unfinished);
  await rename(unfinished, dataFolder);
  await syncEntry(dirname(dataFolder));
}

/** Rejects when the thread fails: `once` listens for its errors too. */
async function runCreation(folder: string): Promise<void> {
  const module = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  // the parent's flags (a loader of TypeScript, conditions) are not for this thread
  const worker = new Worker(CREATE_DATABASE, { eval: true, execArgv: [], workerData: { module, folder } });
  await once(worker, 'exit');
  if (!existsSync(join(folder, 'PG_VERSION'))) throw new Error('initdb made no database');
}

async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  await Promise.all(entries.map((entry) => (entry.isDirectory() ? syncTree : syncEntry)(join(folder, entry.name))));
  await syncEntry(folder);
}

async function syncEntry(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

async function assertVersion(dataFolder: string): Promise<void> {
  const version = (await readFile(join(dataFolder, 'PG_VERSION'), 'utf8')).trim();
  if (version === EMBEDDED_POSTGRES_VERSION) return;
  const message = `${dataFolder} was written by PostgreSQL ${version}, this Bitwright has ${EMBEDDED_POSTGRES_VERSION}; use the Bitwright that wrote it, or another folder`;
  throw new BitwrightError('failed_precondition', 'DATABASE_VERSION', message);
}
