import { mkdir, readdir, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFileArtifactStore } from '@bitwright/adapters';
import { makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bytes = new TextEncoder().encode('the bytes of a model');

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => folder.remove());

const pathOf = (digest: string) => join(folder.path, digest.slice(0, 2), digest);

describe('artifacts in a folder', () => {
  it('are there for the next process, and for another at the same time', async () => {
    const first = await openFileArtifactStore({ folder: folder.path });
    const second = await openFileArtifactStore({ folder: folder.path });
    expect(await second.get(await first.put(bytes))).toEqual(bytes);
  });

  it('leave nothing but themselves behind', async () => {
    const store = await openFileArtifactStore({ folder: folder.path });
    const digest = await store.put(bytes);
    expect((await readdir(folder.path)).sort()).toEqual([digest.slice(0, 2), 'incoming'].sort());
    expect(await readdir(join(folder.path, 'incoming'))).toEqual([]);
  });

  it.each([
    ['was cut short', (path: string) => truncate(path, 3)],
    ['was changed', (path: string) => writeFile(path, 'the bytes of a m0del')],
  ])('are data_loss when a file %s, until they are put again', async (_what, damage) => {
    const store = await openFileArtifactStore({ folder: folder.path });
    const digest = await store.put(bytes);
    await damage(pathOf(digest));
    await expect(store.get(digest)).rejects.toMatchObject({ kind: 'data_loss', reason: 'ARTIFACT_CORRUPT' });
    await store.put(bytes);
    expect(await store.get(digest)).toEqual(bytes);
  });

  it('are refused above the size limit', async () => {
    const store = await openFileArtifactStore({ folder: folder.path, maximumBytes: 10 });
    await expect(store.put(bytes)).rejects.toMatchObject({ kind: 'invalid_argument', reason: 'ARTIFACT_TOO_LARGE' });
    await store.put(bytes.subarray(0, 10));
  });

  it('that a dead process left half written go away after an hour', async () => {
    const incoming = join(folder.path, 'incoming');
    await mkdir(incoming);
    for (const name of ['old', 'new']) await writeFile(join(incoming, name), 'half');
    const past = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(incoming, 'old'), past, past);
    await openFileArtifactStore({ folder: folder.path });
    expect(await readdir(incoming)).toEqual(['new']);
  });
});
