import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { checkHardware, connectHardware } from '@bitwright/client';
import { SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { commandOf, type LaunchedService, launchService } from '@bitwright/testing';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const LISTS = ['tsconfig.json', '.dependency-cruiser.cjs', 'package-lock.json'];
/** No name that somebody would give a service here. */
const NAME = 'tested-template';
const LONGEST_NAME = `${'a-rather-long-name'.repeat(3)}-of-60`;

/** A checkout in small, below the real one, so that its packages are found; the real lists stay as they are. */
const root = await makeCheckout();
const removeCheckout = () => rm(root, { recursive: true, force: true });
afterAll(removeCheckout);
const made = await newHardware(NAME);
const folder = join(root, 'services', `hardware-${NAME}`);
const source = (file: string) => join(folder, 'src', file);
const main = pathToFileURL(source('main.ts'));

// The test that the template brings along: what describeAccelerator asks of every model.
await import(source('cost.test.ts')).catch(async (error) => {
  await removeCheckout();
  throw error;
});

async function makeCheckout(): Promise<string> {
  await mkdir(join(CHECKOUT, '.cache'), { recursive: true });
  const path = await mkdtemp(join(CHECKOUT, '.cache', 'new-hardware-test-'));
  for (const file of [...LISTS, 'tsconfig.base.json', 'scripts/new-hardware', 'scripts/new-hardware.mjs'])
    await cp(join(CHECKOUT, file), join(path, file), { recursive: true });
  const { references } = JSON.parse(await readFile(join(path, 'tsconfig.json'), 'utf8'));
  for (const reference of references)
    await cp(join(CHECKOUT, reference.path, 'tsconfig.json'), join(path, reference.path, 'tsconfig.json'));
  return path;
}

/** `npm run new:hardware` in the checkout in small. */
async function newHardware(...args: readonly string[]): Promise<Outcome> {
  const script = join(root, 'scripts', 'new-hardware.mjs');
  return run([script, ...args]);
}

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

async function run(args: readonly string[]): Promise<Outcome> {
  const running = promisify(execFile)(process.execPath, [...args], { cwd: CHECKOUT });
  const { stdout, stderr } = await running.catch((failure: { stdout: string; stderr: string }) => failure);
  return { code: running.child.exitCode, stdout, stderr };
}

const read = (file: string) => readFile(join(root, file), 'utf8');

/** Every file of the checkout in small that the script may make or change. */
async function snapshot() {
  const names = await readdir(join(root, 'services'), { recursive: true });
  return { names, drafts: await readdir(join(root, '.cache')), lists: await Promise.all(LISTS.map(read)) };
}

describe('a new hardware service', () => {
  it('is made with a word on what comes next', () => {
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain(`services/hardware-${NAME} is made. Next:\n  1. npm run setup`);
  });

  it('has less than 60 lines of its own', async () => {
    const texts = await Promise.all(
      ['parameters.ts', 'cost.ts', 'main.ts'].map((file) => readFile(source(file), 'utf8')),
    );
    const lines = texts.flatMap((text) => text.split('\n').filter((line) => line.trim() !== ''));
    expect(lines.length).toBeLessThan(60);
    expect(lines.length).toBeGreaterThan(20);
  });

  it('has its name in place of the placeholder in every file', async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBe(7);
    for (const file of files) expect(await readFile(file, 'utf8'), file).not.toMatch(/\bNAME\b/);
  });

  it('has the types of every model, by the rules of the house', () => {
    const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
    const config = ts.getParsedCommandLineOfConfigFile(join(folder, 'tsconfig.json'), {}, host);
    expect(config?.errors).toEqual([]);
    const program = ts.createProgram(config?.fileNames ?? [], config?.options ?? {});
    const own = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(folder));
    expect(own).toHaveLength(3);
    const problems = own.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]);
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  }, 120_000);
});

describe('a new hardware service that runs', () => {
  let service: LaunchedService;
  let help: Outcome;
  beforeAll(async () => {
    [service, help] = await Promise.all([launchService(main, []), run([...commandOf(main), '--help'])]);
  }, 120_000);
  afterAll(() => service.stop());

  it('shows the settings of every hardware service', () => {
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain(`hardware-${NAME}: `);
    for (const flag of ['--listen', '--nats', '--advertise', '--announce-seconds', '--log-level', '--config'])
      expect(help.stdout).toContain(flag);
  });

  it('keeps the contract of every service', async () => {
    const [report, ...others] = await checkHardware(service.address);
    expect(others).toEqual([]);
    expect(report?.hardware).toBe(NAME);
    expect(report?.results.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(report?.results.filter(({ status }) => status === 'passed').length).toBeGreaterThan(15);
  }, 120_000);

  it('prices a network', async () => {
    const catalog = connectHardware(service.address);
    onTestFinished(() => catalog.close());
    const table = await (await catalog.open(NAME)).tabulate(SAMPLE_LAYERS);
    expect(table.cells.flat(2)).toHaveLength(SAMPLE_LAYERS.length * 2);
    expect(table.cells.flat(2).every((cell) => (cell?.latencyMs ?? 0) > 0)).toBe(true);
  });
});

describe('the lists of packages', () => {
  const added = (before: string, after: string) => {
    const lines = new Set(before.split('\n'));
    return after.split('\n').filter((line) => !lines.has(line));
  };

  it('have the new one in its place, and nothing else changes', async () => {
    const originals = await Promise.all(LISTS.map((file) => readFile(join(CHECKOUT, file), 'utf8')));
    const [projects, rules, lockfile] = await Promise.all(LISTS.map(read));
    const { references } = JSON.parse(originals[0] ?? '');
    const place = references.findIndex(({ path }: { path: string }) => path === './services/embedded');
    const listed = references.toSpliced(place, 0, { path: `./services/hardware-${NAME}` });
    expect(JSON.parse(projects ?? '').references).toEqual(listed);
    expect(added(originals[1] ?? '', rules ?? '')).toEqual([
      `  'services/hardware-${NAME}': ['libs/core', 'libs/hardware-kit', 'libs/hardware-server', 'libs/service-kit'],`,
    ]);
    const { packages } = JSON.parse(lockfile ?? '');
    const {
      [`services/hardware-${NAME}`]: own,
      [`node_modules/@bitwright/hardware-${NAME}`]: link,
      ...rest
    } = packages;
    expect(own).toMatchObject({
      name: `@bitwright/hardware-${NAME}`,
      dependencies: { '@bitwright/hardware-kit': '*' },
    });
    expect(link).toEqual({ resolved: `services/hardware-${NAME}`, link: true });
    expect(rest).toEqual(JSON.parse(originals[2] ?? '').packages);
  });

  it('stay formatted, however long its name', async () => {
    expect(await newHardware(LONGEST_NAME)).toMatchObject({ code: 0 });
    for (const file of ['tsconfig.json', '.dependency-cruiser.cjs']) {
      const text = await read(file);
      expect(text).toContain(`services/hardware-${LONGEST_NAME}`);
      expect(await format(file, text)).toBe(text);
    }
  });

  async function format(file: string, text: string): Promise<string> {
    const biome = join(CHECKOUT, 'node_modules/@biomejs/biome/bin/biome');
    const running = promisify(execFile)(process.execPath, [biome, 'format', `--stdin-file-path=${file}`], {
      cwd: CHECKOUT,
    });
    running.child.stdin?.end(text);
    return (await running).stdout;
  }
});

describe('a new hardware service that cannot be', () => {
  it.concurrent.each([
    ...['My-NPU', 'my npu', '../up', '', '-a', 'a--b', '9a', `${LONGEST_NAME}x`].map((name) => [
      name,
      'use lower-case words with hyphens, for example my-npu',
    ]),
    [NAME, `services/hardware-${NAME} is there already; choose another name`],
    ['kit', 'libs/hardware-kit is there already; choose another name'],
  ])('is refused by its name, and nothing is left behind: %j', async (name, message) => {
    const before = await snapshot();
    const refusal = await newHardware(name);
    expect(refusal).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(refusal.stderr.trim().split('\n')).toHaveLength(1);
    expect(await snapshot()).toEqual(before);
  });

  it.each([[[]], [['my-npu', 'your-npu']]])('is explained by the usage: %j', async (args) => {
    expect(await newHardware(...args)).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('usage: npm run'),
    });
  });

  it('leaves nothing behind where a list has no place for it', async () => {
    const rules = join(root, '.dependency-cruiser.cjs');
    await cp(join(CHECKOUT, 'package.json'), rules);
    onTestFinished(() => cp(join(CHECKOUT, '.dependency-cruiser.cjs'), rules));
    const before = await snapshot();
    const message =
      '.dependency-cruiser.cjs has no line for services/embedded, before which services/hardware-lost-template belongs\n';
    expect(await newHardware('lost-template')).toEqual({ code: 1, stdout: '', stderr: message });
    expect(await snapshot()).toEqual(before);
  });
});
