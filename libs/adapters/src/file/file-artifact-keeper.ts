import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactKeeper } from '@bitwright/core';
import { errorCode } from '@bitwright/service-kit';
import { assertDigest } from './artifact-rules.js';

/** Housekeeping of the folder of a `FileArtifactStore`; `owners/` holds an empty file for each that has ever used it. */
export function createFileArtifactKeeper(folder: string, pathOf: (digest: string) => string): ArtifactKeeper {
  return {
    async claim(ownerId) {
      const owners = join(folder, 'owners');
      await mkdir(owners, { recursive: true });
      await writeFile(join(owners, ownerId), '');
      return (await readdir(owners)).length === 1;
    },
    touch: (digest) => {
      assertDigest(digest);
      const now = new Date();
      return isFound(utimes(pathOf(digest), now, now));
    },
    async putBefore(time) {
      const names = await namesOf(folder);
      const times = await Promise.all(names.map(async (digest) => ({ digest, putAt: await putAt(pathOf(digest)) })));
      return times.flatMap(({ digest, putAt: at = time }) => (at < time ? [digest] : []));
    },
    removePutBefore(digest, time) {
      assertDigest(digest);
      return removeFile(pathOf(digest), time, join(folder, 'incoming', randomUUID()));
    },
  };
}

/**
 * Set aside, looked at, then removed: whoever puts it meanwhile either finds none and writes it, or has changed its time,
 * and it is put back.
 */
async function removeFile(path: string, time: number, aside: string): Promise<boolean> {
  if (((await putAt(path)) ?? time) >= time || !(await isFound(rename(path, aside)))) return false;
  if (((await putAt(aside)) ?? time) >= time) {
    await rename(aside, path);
    return false;
  }
  await rm(aside, { force: true });
  return true;
}

/** Undefined where there is no such file. */
async function putAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

async function namesOf(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  for (const part of (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name)))
    names.push(...(await readdir(join(folder, part))).filter((name) => /^[0-9a-f]{64}$/.test(name)));
  return names;
}

/** False also for a file that somebody else owns: its bytes can be put anew, its time cannot be changed. */
async function isFound(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (['ENOENT', 'EPERM', 'EACCES'].includes(errorCode(error))) return false;
    throw error;
  }
}
