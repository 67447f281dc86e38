import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { datasetError } from '../samples.js';

/** A file's name, without `.gz`, and its decompressed content. */
export type DataFile = { readonly name: string; readonly bytes: Uint8Array };

/** Content limit of one file, bytes; what is larger does not fit in memory beside its training. */
export const MAX_FILE_BYTES = 2 ** 31;

/** Reads a file, decompressed when it ends in `.gz`. Throws `DATASET_CORRUPT` for broken gzip, `DATASET_SIZE` for too large a file. */
export async function readDataFile(path: string): Promise<DataFile> {
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) throw datasetError('DATASET_SIZE', `${path} is larger than ${MAX_FILE_BYTES} bytes`);
  const bytes = await readFile(path);
  if (!path.endsWith('.gz')) return { name: basename(path), bytes };
  return { name: basename(path, '.gz'), bytes: gunzip(bytes, path) };
}

function gunzip(bytes: Uint8Array, path: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_FILE_BYTES });
  } catch (cause) {
    throw datasetError('DATASET_CORRUPT', `${path} is no complete gzip file (${(cause as Error).message})`, cause);
  }
}
