import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';

/** A data set's name as it is, a folder that exists here by its absolute path: the quantizer has another idea of "here". */
export async function resolveDataset(name: string, folder: string): Promise<string> {
  const path = resolve(folder, name);
  const looksLikePath = name.includes('/') || name === '.' || name === '..';
  return looksLikePath && (await isFolder(path)) ? path : name;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
