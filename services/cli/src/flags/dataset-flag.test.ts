import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resolveDataset } from './dataset-flag.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-dataset-'));
  await mkdir(join(folder, 'images'));
  await writeFile(join(folder, 'small.npz'), '');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  ['small.npz', 'small.npz'],
  ['./small.npz', 'small.npz'],
  // The quantizer also looks for it with the extension.
  ['./small', 'small'],
  ['./images', 'images'],
  ['images/', 'images'],
  ['images/absent.npz', 'images/absent.npz'],
  ['.', ''],
])('%s is a path, seen from the working folder', async (name, path) => {
  expect(await resolveDataset(name, folder)).toBe(join(folder, path).replace(/\/$/, ''));
});

it.each(['fashion-mnist', 'images', 'absent.npz'])('%s is a name', async (name) => {
  expect(await resolveDataset(name, folder)).toBe(name);
});
