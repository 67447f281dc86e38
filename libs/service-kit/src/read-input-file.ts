import { readFile, stat } from 'node:fs/promises';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'no right to read it',
};

/**
 * Reads a file that a user named. Throws what `refuse` makes of the problem ("cannot be read: there is no such file")
 * when it cannot be read or has more than `maximumBytes`, before it is read.
 */
export async function readInputFile(
  path: string,
  refuse: (problem: string) => Error,
  maximumBytes = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw refuse('cannot be read: it is a folder');
    // A device or a pipe says nothing of how much it will give.
    if (!found.isFile()) throw refuse('cannot be read: it is no regular file');
    if (found.size > maximumBytes) throw refuse(`has ${found.size} bytes; the limit is ${maximumBytes}`);
    return await readFile(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw refuse(`cannot be read: ${REASONS[String(error.code)] ?? String(error.code)}`);
  }
}
