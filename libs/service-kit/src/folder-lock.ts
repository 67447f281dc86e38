import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { BitwrightError } from '@bitwright/core';
import { errorCode } from './error-code.js';
import { startTimeOf } from './process-start.js';

/** Who holds a folder. The start time tells a process from a later one with the same id. */
type Holder = { readonly host: string; readonly pid: number; readonly startedAt: string };

export type FolderLock = { release(): Promise<void> };

/** A holder shows that it lives by touching the lock, for those on other machines who cannot see its process. */
const HEARTBEAT_MS = 5_000;
const SILENT_AFTER_MS = 60_000;

/** What to say to those who come too late. */
const USES_FOLDER = 'uses this folder; stop it, choose another folder, or use a PostgreSQL server';

/**
 * Takes the lock file for this process and takes over that of a dead one. Throws `failed_precondition`
 * `FOLDER_IN_USE`, naming the process that holds it; `holding` says what that process does, and the fix.
 */
export async function lockFolder(lockFile: string, holding = USES_FOLDER): Promise<FolderLock> {
  const mine = describeSelf();
  for (let attempt = 0; attempt < 5; attempt += 1) {
    if (await tryCreate(lockFile, mine)) return hold(lockFile, mine);
    const holder = await readHolder(lockFile);
    if (holder !== undefined && (await isAlive(lockFile, holder))) throw folderInUse(lockFile, holder, holding);
    await removeStale(lockFile, holder);
  }
  throw folderInUse(lockFile, undefined, holding);
}

/** Atomic, and the file is never seen half written: a link fails when the name is taken. */
async function tryCreate(lockFile: string, holder: Holder): Promise<boolean> {
  const draft = `${lockFile}.${randomUUID()}`;
  try {
    await writeFile(draft, JSON.stringify(holder), { flag: 'wx' });
    await link(draft, lockFile);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Two processes may find the same stale lock: whoever moved a fresh one by mistake puts it back. */
async function removeStale(lockFile: string, stale: Holder | undefined): Promise<void> {
  const aside = `${lockFile}.${randomUUID()}`;
  try {
    await rename(lockFile, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readHolder(aside);
  if (!isSame(moved, stale)) await link(aside, lockFile).catch(() => undefined);
  await rm(aside, { force: true });
}

function hold(lockFile: string, mine: Holder): FolderLock {
  const touch = () => {
    const now = new Date();
    utimes(lockFile, now, now).catch(() => undefined);
  };
  const heartbeat = setInterval(touch, HEARTBEAT_MS).unref();
  return {
    async release() {
      clearInterval(heartbeat);
      if (isSame(await readHolder(lockFile), mine)) await rm(lockFile, { force: true });
    },
  };
}

async function isAlive(lockFile: string, holder: Holder): Promise<boolean> {
  if (holder.host === hostname()) return startTimeOf(holder.pid) === holder.startedAt;
  const { mtimeMs } = await stat(lockFile).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < SILENT_AFTER_MS;
}

/** The holder, or undefined when the file is gone or says nothing useful. */
async function readHolder(lockFile: string): Promise<Holder | undefined> {
  try {
    const { host, pid, startedAt } = JSON.parse(await readFile(lockFile, 'utf8')) as Partial<Holder>;
    const isValid = typeof host === 'string' && typeof pid === 'number' && typeof startedAt === 'string';
    return isValid ? { host, pid, startedAt } : undefined;
  } catch {
    return undefined;
  }
}

function describeSelf(): Holder {
  return { host: hostname(), pid: process.pid, startedAt: startTimeOf(process.pid) ?? '' };
}

function isSame(a: Holder | undefined, b: Holder | undefined): boolean {
  return a?.host === b?.host && a?.pid === b?.pid && a?.startedAt === b?.startedAt;
}

function folderInUse(lockFile: string, holder: Holder | undefined, holding: string): BitwrightError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new BitwrightError('failed_precondition', 'FOLDER_IN_USE', `${who} ${holding} (${lockFile})`);
}
