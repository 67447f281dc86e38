import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { checkHardware, connectHardware } from '@bitwright/client';
import { SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { launchService } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createHardware } from '../../scripts/new-hardware/create-hardware.mjs';

const ROOT = new URL('../../', import.meta.url);
const LISTS = ['tsconfig.json', '.dependency-cruiser.cjs'];

/** A checkout in small, below the real one, so that its packages are found. */
let root: URL;
beforeAll(async () => {
  const cache = fileURLToPath(new URL('.cache/', ROOT));
  await mkdir(cache, { recursive: true });
  root = pathToFileURL(`${await mkdtemp(join(cache, 'new-hardware-'))}/`);
  for (const file of [...LISTS, 'tsconfig.base.json']) await cp(new URL(file, ROOT), new URL(file, root));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const sources = (name: string) => new URL(`services/hardware-${name}/src/`, root);

describe('a new hardware service', () => {
  beforeAll(async () => {
    const { isMade, text } = await createHardware('my-npu', root);
    expect(text).toContain('services/hardware-my-npu is made');
    expect(isMade).toBe(true);
  });

  it('has less than 60 lines of its own', async () => {
    const files = ['parameters.ts', 'cost.ts', 'main.ts'].map((file) =>
      readFile(new URL(file, sources('my-npu')), 'utf8'),
    );
    const lines = (await Promise.all(files)).flatMap((text) => text.split('\n').filter((line) => line.trim() !== ''));
    expect(lines.length).toBeLessThan(60);
    expect(lines.join('\n')).not.toContain('NAME');
  });

  it('is listed where packages are listed, once', async () => {
    for (const file of LISTS) {
      const text = await readFile(new URL(file, root), 'utf8');
      expect(text.split('services/hardware-my-npu').length - 1, file).toBe(1);
    }
    expect(JSON.parse(await readFile(new URL('tsconfig.json', root), 'utf8'))).toHaveProperty('references');
  });

  it('has the types of every model, by the rules of the house', async () => {
    const files = ['cost.ts', 'main.ts', 'cost.test.ts'].map((file) => `services/hardware-my-npu/src/${file}`);
    const compilerOptions = { noEmit: true, composite: false, incremental: false };
    const project = new URL('tsconfig.template.json', root);
    await writeFile(project, JSON.stringify({ extends: './tsconfig.base.json', compilerOptions, files }));
    const compiler = fileURLToPath(new URL('node_modules/typescript/bin/tsc', ROOT));
    const check = promisify(execFile)(process.execPath, [compiler, '-p', fileURLToPath(project)]);
    expect((await check).stdout).toBe('');
  }, 120_000);

  it('keeps the contract of every service, and prices a network', async () => {
    const service = await launchService(new URL('main.ts', sources('my-npu')), []);
    onTestFinished(() => service.stop());
    const [report] = await checkHardware(service.address);
    expect(report?.hardware).toBe('my-npu');
    expect(report?.results.filter(({ status }) => status === 'failed')).toEqual([]);
    const catalog = connectHardware(service.address);
    onTestFinished(() => catalog.close());
    const table = await (await catalog.open('my-npu')).tabulate(SAMPLE_LAYERS);
    expect(table.cells.flat(2).every((cell) => (cell?.latencyMs ?? 0) > 0)).toBe(true);
  }, 120_000);
});

describe('a new hardware service that cannot be', () => {
  it.each(['My-NPU', 'my npu', '../up', '', 'x'.repeat(70), '-a', '9a'])('is refused by its name: %j', async (name) => {
    const { isMade, text } = await createHardware(name, root);
    expect(isMade).toBe(false);
    expect(text).toContain('use lower-case words with hyphens');
  });

  it('is refused where there is one already, which stays as it is', async () => {
    await createHardware('taken', root);
    const before = await readFile(new URL('tsconfig.json', root), 'utf8');
    const { isMade, text } = await createHardware('taken', root);
    expect({ isMade, text }).toEqual({ isMade: false, text: expect.stringContaining('is there already') });
    expect(await readFile(new URL('tsconfig.json', root), 'utf8')).toBe(before);
    expect(await readdir(new URL('services/', root))).not.toContainEqual(expect.stringContaining('draft'));
  });
});
