import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startTimeOf } from './process-start.js';

/** A folder for what need not outlive the process. */
export type ProcessFolder = { readonly path: string; remove(): Promise<void> };

/** Id and start of the process, and what makes the name unique. */
const OWNER = /^(\d+)-(\w+)-\w+$/;

/**
 * An empty folder of this process that no other user may read. Folders of this `purpose` (a word) that processes of this machine
 * left, because they were killed before they could remove them, go now.
 */
export async function openProcessFolder(purpose: string, parent: string = tmpdir()): Promise<ProcessFolder> {
  const prefix = `bitwright-${purpose}-${hostname()}-`;
  await removeLeftOvers(parent, prefix);
  const path = await mkdtemp(join(parent, `${prefix}${process.pid}-${startTimeOf(process.pid)}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}

async function removeLeftOvers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const owner = name.startsWith(prefix) ? OWNER.exec(name.slice(prefix.length)) : null;
    if (owner === null || startTimeOf(Number(owner[1])) === owner[2]) continue;
    // Another user's folder, or one that somebody else removes at this moment, is theirs.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
