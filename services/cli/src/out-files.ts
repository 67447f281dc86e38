import { access, constants, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';
import { errorCode } from '@bitwright/service-kit';
import { wrongFlag } from './flags/flag.js';

/** Makes a folder that a flag names. Throws `invalid_argument` when it cannot be made. */
export async function makeFolder(folder: string, flag = 'out'): Promise<void> {
  try {
    await makeWithParents(folder);
  } catch (cause) {
    throw wrongFlag(flag, `${folder} cannot be made: ${reasonOf(cause)}`);
  }
}

/** Not by `recursive`, with which Node 20 never ends where the kernel makes no folders (`/proc/x`). */
async function makeWithParents(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeWithParents(dirname(folder));
    await mkdir(folder).catch((again: unknown) => {
      // Another command may have been quicker.
      if (errorCode(again) !== 'EEXIST') throw again;
    });
  }
}

/**
 * Makes the folder of a file that a flag names, before the work that ends in it, so that no result is lost to a place that cannot
 * be written. Throws `invalid_argument` where it is a folder, or may not be written.
 */
export async function prepareOut(path: string, flag = 'out'): Promise<void> {
  await makeFolder(dirname(path), flag);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) throw wrongFlag(flag, `${path} is a folder; name a file`);
  const written = found === undefined ? dirname(path) : path;
  await access(written, constants.W_OK).catch((error: unknown) => {
    throw wrongFlag(flag, `${path} cannot be written: ${reasonOf(error)}`);
  });
}

/** Writes what `--out` names; its folder is made when missing. Throws `invalid_argument` when it cannot be written. */
export async function writeOut(path: string, content: Uint8Array | string): Promise<void> {
  await prepareOut(path);
  try {
    await writeWhole(path, content);
  } catch (error) {
    throw wrongFlag('out', `${path} cannot be written: ${reasonOf(error)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'a file of that name is there',
  ENOTDIR: 'a part of the path is a file',
  ENOENT: 'no folder can be made there',
  EACCES: 'no right to write there',
  EPERM: 'no right to write there',
  EROFS: 'nothing can be written there',
  ENOSPC: 'the disk is full',
};

function reasonOf(error: unknown): string {
  return REASONS[errorCode(error)] ?? (error instanceof Error ? error.message : String(error));
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
