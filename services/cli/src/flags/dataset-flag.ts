import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * A data set's name as it is, a path by its absolute path: the quantizer has another idea of "here". A path has a `/`, is `.` or
 * `..`, or names a file that is here; a folder without a `/` is a name, which may be that of another data set.
 */
export async function resolveDataset(name: string, folder: string): Promise<string> {
  const path = resolve(folder, name);
  const isPath = name.includes('/') || name === '.' || name === '..' || (await isFile(path));
  return isPath ? path : name;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
