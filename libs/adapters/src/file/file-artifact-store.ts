import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ArtifactKeeper, type ArtifactStore, BitwrightError, cancelledError } from '@bitwright/core';
import { errorCode } from '@bitwright/service-kit';
import {
  artifactCorrupt,
  artifactNotFound,
  assertDigest,
  assertNotCancelled,
  assertSize,
  digestOf,
} from './artifact-rules.js';
import { createFileArtifactKeeper } from './file-artifact-keeper.js';

/** Largest artifact unless configured: 512 MiB. */
export const DEFAULT_MAXIMUM_ARTIFACT_BYTES = 512 * 1024 ** 2;

/** A write that a dead process left behind is removed after this time. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

export type FileArtifactStoreOptions = {
  /** Created when missing; several processes may share it. */
  readonly folder: string;
  /** Of one artifact; default {@link DEFAULT_MAXIMUM_ARTIFACT_BYTES}. */
  readonly maximumBytes?: number;
};

/**
 * Artifacts as files `<folder>/<first two hex digits>/<digest>`, written whole (temporary file, fsync, rename) and
 * verified whenever they are read. A file's time is when it was put last. `put` throws `invalid_argument` above the size limit and `resource_exhausted` when
 * the disk is full; a `put` of a damaged artifact mends it.
 */
export async function openFileArtifactStore(
  options: FileArtifactStoreOptions,
): Promise<ArtifactStore & ArtifactKeeper> {
  const { folder, maximumBytes = DEFAULT_MAXIMUM_ARTIFACT_BYTES } = options;
  const incoming = join(folder, 'incoming');
  const pathOf = (digest: string) => join(folder, digest.slice(0, 2), digest);
  await mkdir(incoming, { recursive: true });
  await removeAbandoned(incoming);
  const keeper = createFileArtifactKeeper(folder, pathOf);

  return {
    ...keeper,
    async put(bytes, signal) {
      assertNotCancelled(signal);
      assertSize(bytes, maximumBytes);
      const digest = await digestOf(bytes);
      const path = pathOf(digest);
      // Touched after it was read: one that is removed in between is written anew.
      const isThere = (await isIntact(path, digest)) && (await keeper.touch(digest));
      if (!isThere) await writeWhole(path, bytes, join(incoming, randomUUID()));
      return digest;
    },
    async get(digest, signal) {
      assertDigest(digest);
      const bytes = await readWhole(pathOf(digest), signal);
      if (bytes === undefined) throw artifactNotFound(digest);
      if ((await digestOf(bytes)) !== digest) throw artifactCorrupt(digest);
      return bytes;
    },
    async has(digest, signal) {
      assertNotCancelled(signal);
      assertDigest(digest);
      return exists(pathOf(digest));
    },
  };
}

async function isIntact(path: string, digest: string): Promise<boolean> {
  const bytes = await readWhole(path, undefined);
  return bytes !== undefined && (await digestOf(bytes)) === digest;
}

/** The bytes, or undefined when there is no such file. */
async function readWhole(path: string, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
  assertNotCancelled(signal);
  try {
    const content = await readFile(path, { signal });
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (signal?.aborted === true) throw cancelledError();
    throw error;
  }
}

async function writeWhole(path: string, bytes: Uint8Array, temporary: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeDurably(temporary, bytes);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw errorCode(error) === 'ENOSPC' ? diskFull(error) : error;
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is on disk only when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

async function removeAbandoned(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function diskFull(cause: unknown): BitwrightError {
  return new BitwrightError('resource_exhausted', 'DISK_FULL', 'no space is left to store an artifact', { cause });
}
