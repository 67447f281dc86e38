import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, prepareOut, writeOut } from './out-files.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-out-'));
  await writeFile(join(folder, 'file'), 'kept');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('places for what a command leaves', () => {
  it('are made with all that is above them, and taken where they are there', async () => {
    for (const path of ['a/b/c', 'a/b/c', 'a']) await makeFolder(join(folder, path));
    expect((await stat(join(folder, 'a/b/c'))).isDirectory()).toBe(true);
    await writeOut(join(folder, 'd/e.txt'), 'text');
    await writeOut(join(folder, 'd/e.txt'), 'more');
    expect(await readFile(join(folder, 'd/e.txt'), 'utf8')).toBe('more');
  });

  it('are refused with the flag where they cannot be', async () => {
    await expect(makeFolder(join(folder, 'file'))).rejects.toThrow(/^--out: .* a file of that name is there$/);
    await expect(makeFolder(join(folder, 'file/x'), 'log')).rejects.toThrow(/^--log: .* a part of the path is a file$/);
    // Node's own way to make a folder with those above it never ends there.
    await expect(makeFolder('/proc/no/such')).rejects.toThrow(/^--out: \/proc\/no\/such cannot be made/);
    await expect(prepareOut(folder, 'log')).rejects.toThrow(/^--log: .* is a folder; name a file$/);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('kept');
  });
});
