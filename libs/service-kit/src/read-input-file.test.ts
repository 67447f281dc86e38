import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readInputFile } from './read-input-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-input-'));
  await writeFile(join(folder, 'four'), 'four');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (name: string, maximumBytes?: number) =>
  readInputFile(join(folder, name), (problem) => new RangeError(`--file ${problem}`), maximumBytes);

it('gives the bytes of a file up to the limit', async () => {
  expect(Buffer.from(await read('four', 4)).toString()).toBe('four');
});

it.each([
  ['four', 3, '--file has 4 bytes; the limit is 3'],
  ['absent', undefined, '--file cannot be read: there is no such file'],
  ['four/five', undefined, '--file cannot be read: there is no such file'],
  ['.', undefined, '--file cannot be read: it is a folder'],
  ['../../dev/zero', 4, '--file cannot be read: it is no regular file'],
])('refuses "%s" as its reader wants it, limit %s', async (name, maximumBytes, message) => {
  await expect(read(name, maximumBytes)).rejects.toThrow(new RangeError(message));
});
