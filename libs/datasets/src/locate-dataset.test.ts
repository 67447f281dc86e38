import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { locateDataset } from './locate-dataset.js';

let folder: string;
let root: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'bitwright-places-')));
  root = join(folder, 'data');
  for (const name of ['data/set', 'data/..odd', 'private/set', 'shared/set'])
    await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'private/archive.npz'), '');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const refused = expect.objectContaining({
  kind: 'invalid_argument',
  reason: 'DATASET_NOT_ALLOWED',
  message: expect.stringMatching(/does not lie in a folder whose data sets .* BITWRIGHT_DATASET_ROOTS/),
});

describe('the place of a data set', () => {
  it('is below the root, by name or by path', async () => {
    expect(await locateDataset('set', { root })).toBe(join(root, 'set'));
    expect(await locateDataset(join(root, 'set'), { root })).toBe(join(root, 'set'));
    expect(await locateDataset(`${root}/../data//set/`, { root })).toBe(join(root, 'set'));
    expect(await locateDataset(join(root, '..odd'), { root })).toBe(join(root, '..odd'));
  });

  it.each(['private/set', 'private/archive', 'private', 'private/nothing', 'data/../private/set', 'data-2', '', '..'])(
    'is not %j beside it, whether there is something or not',
    async (path) => {
      await expect(locateDataset(`${folder}/${path}`, { root })).rejects.toEqual(refused);
    },
  );

  it('is not where a link leads out of the root', async () => {
    await symlink(join(folder, 'private'), join(root, 'link'));
    await symlink(join(folder, 'private/archive.npz'), join(root, 'linked.npz'));
    for (const name of ['link', join(root, 'link/set'), 'linked', join(root, 'linked.npz')])
      await expect(locateDataset(name, { root })).rejects.toEqual(refused);
    await expect(locateDataset(join(root, 'link/nothing'), { root })).rejects.toMatchObject({ kind: 'not_found' });
  });

  it.each(['set/train-images-idx3-ubyte', 'set/train/shirt/1.png'])(
    'is not a folder in which a file leads out of the root: %s',
    async (file) => {
      const link = join(root, file);
      await mkdir(dirname(link), { recursive: true });
      await symlink(join(folder, 'private/archive.npz'), link);
      await expect(locateDataset('set', { root })).rejects.toEqual(refused);
      expect(await locateDataset('set', { root, roots: [join(folder, 'private')] })).toBe(join(root, 'set'));
    },
  );

  it('is where a link leads to another allowed folder', async () => {
    await symlink(join(folder, 'shared/set'), join(root, 'link'));
    expect(await locateDataset('link', { root, roots: [join(folder, 'shared')] })).toBe(join(root, 'link'));
  });

  it('is below a root that is a link itself', async () => {
    await symlink(root, join(folder, 'linked-root'));
    const linked = join(folder, 'linked-root');
    expect(await locateDataset('set', { root: linked })).toBe(join(linked, 'set'));
    expect(await locateDataset(join(root, 'set'), { root: linked })).toBe(join(root, 'set'));
  });

  it('may be below other roots, one of them itself, or anywhere where the root of all is one', async () => {
    const shared = join(folder, 'shared');
    expect(await locateDataset(join(shared, 'set'), { root, roots: [shared] })).toBe(join(shared, 'set'));
    expect(await locateDataset(shared, { root, roots: [shared] })).toBe(shared);
    await expect(locateDataset(join(folder, 'private/set'), { root, roots: [shared] })).rejects.toEqual(refused);
    expect(await locateDataset(join(folder, 'private/set'), { root, roots: ['/'] })).toBe(join(folder, 'private/set'));
  });
});
