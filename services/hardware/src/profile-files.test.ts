import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BitwrightError } from '@bitwright/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readProfileFiles } from './profile-files.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-profiles-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const profile = (name: string, more: object = {}) => ({
  ...{ model: 'roofline', name, dramGigabytesPerSecond: 10 },
  ...{ peaks: [{ weightBits: 8, activationBits: 8, teraOperationsPerSecond: 1 }], ...more },
});

async function write(name: string, content: object | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function refusalsOf(paths: readonly string[]): Promise<readonly string[]> {
  const error = await readProfileFiles(paths).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'PROFILE' });
  return (error as BitwrightError).violations.map(({ field, description }) => `${field} ${description}`);
}

describe('profile files', () => {
  it('become accelerators in the order of their paths, each file once', async () => {
    const [second, first] = [await write('b.yaml', profile('second')), await write('a.json', profile('first'))];
    const accelerators = await readProfileFiles([second, first, second]);
    expect(accelerators.map(({ capabilities }) => capabilities.name)).toEqual(['second', 'first']);
    expect(await readProfileFiles([])).toEqual([]);
  });

  it('are refused together: every file, every field', async () => {
    const good = await write('good.yaml', profile('good'));
    const wrong = await write('wrong.yaml', profile('wrong', { dramGigabytesPerSecond: 0, colour: 'red' }));
    const broken = await write('broken.yaml', '{');
    const large = await write('large.yaml', '#'.repeat(70_000));
    const absent = join(folder, 'absent.yaml');
    const refusals = await refusalsOf([good, wrong, broken, large, absent, folder, '/dev/zero']);
    expect(refusals).toEqual([
      expect.stringContaining(`${wrong}: dramGigabytesPerSecond is 0; use a number from`),
      expect.stringContaining(`${wrong}: colour is not known`),
      expect.stringContaining(`${broken} is not YAML`),
      `${large} cannot be read as a profile: it has 70000 bytes; a profile has at most 65536`,
      `${absent} cannot be read as a profile: there is no such file`,
      `${folder} cannot be read as a profile: it is no file`,
      '/dev/zero cannot be read as a profile: it is no file',
    ]);
  });
});
