import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.js';

let folder: string;
let lockFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-lock-'));
  lockFile = join(folder, 'lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const elsewhere = JSON.stringify({ host: `not-${hostname()}`, pid: 1, startedAt: '1' });

describe('the lock of a folder', () => {
  it('is held until it is released', async () => {
    const lock = await lockFolder(lockFile);
    await expect(lockFolder(lockFile)).rejects.toMatchObject({ kind: 'failed_precondition', reason: 'FOLDER_IN_USE' });
    await lock.release();
    await (await lockFolder(lockFile)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is given to one of many who want it at once', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(lockFile)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('names the process that holds it', async () => {
    const lock = await lockFolder(lockFile);
    await expect(lockFolder(lockFile)).rejects.toThrowError(`process ${process.pid} on ${hostname()}`);
    await lock.release();
  });

  it.each([
    ['of a dead process', JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1, startedAt: '1' })],
    [
      'of an earlier process whose id is in use again',
      JSON.stringify({ host: hostname(), pid: process.pid, startedAt: '1' }),
    ],
    ['that is empty', ''],
    ['that says nothing of use', '{"pid":"x"}'],
  ])('is taken over from one %s, by one of many', async (_which, content) => {
    await writeFile(lockFile, content);
    const asked = await Promise.allSettled(Array.from({ length: 4 }, () => lockFolder(lockFile)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(JSON.parse(await readFile(lockFile, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is left to a process of another machine that gave a sign of life within the last minute', async () => {
    await writeFile(lockFile, elsewhere);
    await expect(lockFolder(lockFile)).rejects.toMatchObject({ reason: 'FOLDER_IN_USE' });
  });

  it('is taken over from a process of another machine that was silent for longer', async () => {
    await writeFile(lockFile, elsewhere);
    const past = new Date(Date.now() - 120_000);
    await utimes(lockFile, past, past);
    await (await lockFolder(lockFile)).release();
  });

  it('is not released by one who lost it', async () => {
    const lock = await lockFolder(lockFile);
    await writeFile(lockFile, elsewhere);
    await lock.release();
    expect(await readFile(lockFile, 'utf8')).toBe(elsewhere);
  });
});
