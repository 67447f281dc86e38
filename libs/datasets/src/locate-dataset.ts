import { readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BitwrightError } from '@bitwright/core';
import { datasetError } from './samples.js';

/** Where data sets may lie. */
export type DatasetPlaces = {
  /** Folder whose sub-folders (or `.npz` files) are data sets by name. */
  readonly root: string;
  /** Folders besides the root for data sets that are asked for by absolute path; `/` for anywhere. @default none */
  readonly roots?: readonly string[] | undefined;
};

/**
 * The path of a data set: a name under the root, or an absolute path. Throws `not_found` where there is none, and
 * `invalid_argument` `DATASET_NAME` or, for what does not lie in one of the places, links in its folder followed,
 * `DATASET_NOT_ALLOWED`.
 */
export async function locateDataset(nameOrPath: string, { root, roots = [] }: DatasetPlaces): Promise<string> {
  if (!isAbsolute(nameOrPath) && !/^[\w][\w.-]*$/.test(nameOrPath)) {
    throw datasetError('DATASET_NAME', `"${nameOrPath}" is neither a data set's name nor an absolute path`);
  }
  const path = isAbsolute(nameOrPath) ? resolve(nameOrPath) : join(root, nameOrPath);
  const places = [root, ...roots].map((folder) => resolve(folder));
  const realPlaces = await Promise.all(places.map(async (folder) => (await realPathOf(folder)) ?? folder));
  // As it is written first: of what lies elsewhere nobody learns whether it is there.
  assertAllowed(path, path, [...places, ...realPlaces]);
  for (const candidate of [path, `${path}.npz`]) {
    const real = await realPathOf(candidate);
    if (real === undefined) continue;
    assertAllowed(path, real, realPlaces);
    await assertLinksAllowed(real, realPlaces);
    return candidate;
  }
  const message = `there is no data set ${path}; put its files there, or give the folder's absolute path`;
  throw new BitwrightError('not_found', 'DATASET_NOT_FOUND', message);
}

/** Undefined for what is not there. */
const realPathOf = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);

function assertAllowed(asked: string, path: string, places: readonly string[]): void {
  if (places.some((folder) => isIn(path, folder))) return;
  const message = `${asked} does not lie in a folder whose data sets this quantizer opens; put it into the quantizer's data folder and give its name, or start the quantizer with BITWRIGHT_DATASET_ROOTS (--dataset-roots) naming its folder`;
  throw datasetError('DATASET_NOT_ALLOWED', message);
}

/** Folders of images are two levels deep; what lies deeper is never read. */
const LEVELS = 2;

/** Checks what links in a folder lead to; others in it lie where it does. */
async function assertLinksAllowed(folder: string, places: readonly string[], level = 0): Promise<void> {
  if (places.includes(resolve('/'))) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) assertAllowed(path, (await realPathOf(path)) ?? path, places);
    if (entry.isDirectory() && level < LEVELS) await assertLinksAllowed(path, places, level + 1);
  }
}

function isIn(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
