import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
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
  removeUnfinished(folder);
  if (!existsSync(dataFolder)) await createWhole(dataFolder, join(folder, `${UNFINISHED}${randomUUID()}`));
  assertVersion(dataFolder);
  return dataFolder;
}

const UNFINISHED = 'postgres.new-';

function removeUnfinished(folder: string): void {
  const left = readdirSync(folder).filter((name) => name.startsWith(UNFINISHED));
  for (const name of left) rmSync(join(folder, name), { recursive: true, force: true });
}

async function createWhole(dataFolder: string, unfinished: string): Promise<void> {
  mkdirSync(unfinished, { mode: 0o700 });
  const module = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  // the parent's flags (a loader of TypeScript, conditions) are not for this thread
  const worker = new Worker(CREATE_DATABASE, { eval: true, execArgv: [], workerData: { module, folder: unfinished } });
  try {
    await once(worker, 'exit');
  } catch (cause) {
    rmSync(unfinished, { recursive: true, force: true });
    throw creationFailed(dataFolder, cause);
  }
  if (!existsSync(join(unfinished, 'PG_VERSION'))) throw creationFailed(dataFolder, undefined);
  syncTree(unfinished);
  renameSync(unfinished, dataFolder);
  syncEntry(join(dataFolder, '..'));
}

/** `once` rejects when the worker reports an error first. */
function creationFailed(dataFolder: string, cause: unknown): BitwrightError {
  const message = `the database in ${dataFolder} could not be created; is there space and the right to write?`;
  return new BitwrightError('failed_precondition', 'DATABASE_CREATION', message, { cause });
}

function syncTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else syncEntry(path);
  }
  syncEntry(folder);
}

function syncEntry(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function assertVersion(dataFolder: string): void {
  const version = readFileSync(join(dataFolder, 'PG_VERSION'), 'utf8').trim();
  if (version === EMBEDDED_POSTGRES_VERSION) return;
  const message = `${dataFolder} was written by PostgreSQL ${version}, this Bitwright has ${EMBEDDED_POSTGRES_VERSION}; use the Bitwright that wrote it, or another folder`;
  throw new BitwrightError('failed_precondition', 'DATABASE_VERSION', message);
}
