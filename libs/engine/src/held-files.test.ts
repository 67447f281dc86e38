import { readdir, readFile } from 'node:fs/promises';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HeldFiles } from './held-files.js';

let folder: TemporaryFolder;
let files: HeldFiles;
let reads: string[];

beforeEach(async () => {
  folder = await makeTemporaryFolder();
  files = new HeldFiles(folder.path, 100);
  reads = [];
});
afterEach(() => folder.remove());

/** A file of 40 bytes: two fit. */
const hold = (digest: string) =>
  files.hold(digest, async () => {
    reads.push(digest);
    return new Uint8Array(40).fill(digest.charCodeAt(0));
  });

const use = async (digest: string) => (await hold(digest))[Symbol.dispose]();

const names = async () => (await readdir(folder.path)).sort();

describe('files that children read', () => {
  it('are written once and have what was read', async () => {
    using file = await hold('a');
    await use('a');
    expect(await readFile(file.path, 'utf8')).toBe('a'.repeat(40));
    expect(reads).toEqual(['a']);
  });

  it('go when there are too many bytes, the longest unused first, and come again', async () => {
    for (const digest of ['a', 'b', 'a', 'c']) await use(digest);
    expect(await names()).toEqual(['a.onnx', 'c.onnx']);
    await use('b');
    expect(reads).toEqual(['a', 'b', 'c', 'b']);
    expect(await names()).toEqual(['b.onnx', 'c.onnx']);
  });

  it('stay while somebody holds them, however many there are', async () => {
    const held = await Promise.all(['a', 'b', 'c', 'd'].map(hold));
    const again = await hold('a');
    for (const file of held) file[Symbol.dispose]();
    for (const file of held) file[Symbol.dispose]();
    expect(await names()).toEqual(['a.onnx', 'd.onnx']);
    again[Symbol.dispose]();
    await use('e');
    expect(await names()).toEqual(['a.onnx', 'e.onnx']);
  });

  it('are read by each who waits, so that one who gives up stops nobody', async () => {
    const failed = files.hold('a', () => Promise.reject(new Error('given up')));
    const other = hold('a');
    await expect(failed).rejects.toThrow('given up');
    using file = await other;
    expect(await readFile(file.path, 'utf8')).toBe('a'.repeat(40));
    expect(await names()).toEqual(['a.onnx']);
  });

  it('leave nothing when they cannot be read', async () => {
    await expect(files.hold('a', () => Promise.reject(new Error('not there')))).rejects.toThrow('not there');
    expect(await names()).toEqual([]);
    await use('a');
    expect(reads).toEqual(['a']);
  });
});
