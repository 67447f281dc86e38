import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { BitwrightError } from '@bitwright/core';
import { wrongFlag } from './flags/flag.js';

/** Throws `failed_precondition` when it cannot be made. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BitwrightError('failed_precondition', 'OUT_FOLDER', `--out: ${folder} cannot be made: ${reason}`, {
      cause,
    });
  }
}

/** Writes what `--out` names; its folder is made when missing. Throws `invalid_argument` when it cannot be written. */
export async function writeOut(path: string, content: Uint8Array | string): Promise<void> {
  await makeFolder(dirname(path));
  try {
    await writeWhole(path, content);
  } catch (error) {
    throw wrongFlag('out', `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Whole or not at all: under another name first. What is there and no file (`/dev/stdout`) is written to as it is. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) return writeFile(path, content);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
