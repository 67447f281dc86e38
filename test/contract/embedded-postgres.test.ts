import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSearchStore } from '@bitwright/adapters';
import { buildSearchRecord, buildTrial, makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/** Of what takes seconds: other tests may use the processors too. */
const PATIENCE_MS = 180_000;

/** Raise it to look harder: BITWRIGHT_KILL_ROUNDS=100. */
const ROUNDS = Number(process.env['BITWRIGHT_KILL_ROUNDS'] ?? 4);

const writer = fileURLToPath(new URL('./fixtures/trial-writer.ts', import.meta.url));

/** Making a database takes longest: it is made once and copied. */
let template: TemporaryFolder;
beforeAll(async () => {
  template = await makeTemporaryFolder();
  await (await openSearchStore({ url: template.path })).close();
}, PATIENCE_MS);
afterAll(() => template.remove());

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => folder.remove());

const copyTemplate = () => cp(template.path, folder.path, { recursive: true });

describe('the embedded store under SIGKILL', () => {
  it(
    'keeps every trial that it said was kept, with the snapshot of the last one, however often it is killed',
    async () => {
      await copyTemplate();
      const searchId = 'killed-search';
      let confirmed = -1;
      for (let round = 0; round < ROUNDS; round += 1) {
        const child = startWriter(folder.path, searchId);
        const last = await killWhileWriting(child);
        expect(last).toBeGreaterThan(confirmed);
        confirmed = last;
      }

      const store = await openSearchStore({ url: folder.path });
      const trials = await store.trials(searchId);
      const snapshot = (await store.snapshot(searchId)) ?? new Uint8Array();
      await store.close();
      expect(trials.length).toBeGreaterThan(confirmed);
      expect(trials.map(({ index }) => index)).toEqual(trials.map((_, index) => index));
      expect(trials.at(-1)).toEqual(buildTrial(searchId, trials.length - 1));
      expect(snapshot).toHaveLength(200_000);
      expect(snapshot.every((byte) => byte === (trials.length - 1) % 251)).toBe(true);
    },
    ROUNDS * PATIENCE_MS,
  );

  it(
    'is made anew when the process was killed while the database was being created',
    async () => {
      const child = startWriter(folder.path, 'early');
      await sleep(1_500);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const store = await openSearchStore({ url: folder.path });
      await store.create(buildSearchRecord());
      await store.close();
      expect((await readdir(folder.path)).sort()).toEqual(['postgres']);
    },
    PATIENCE_MS,
  );
});

describe('the folder of the embedded store', () => {
  it(
    'is refused to a second process, and to this one a second time, while it is open',
    async () => {
      await copyTemplate();
      const child = startWriter(folder.path, 'first');
      await printed(child, 'open');
      await expect(openSearchStore({ url: folder.path })).rejects.toMatchObject({
        kind: 'failed_precondition',
        reason: 'FOLDER_IN_USE',
        message: expect.stringContaining(`process ${child.pid}`),
      });
      child.kill('SIGKILL');
      await once(child, 'exit');
      const store = await openSearchStore({ url: folder.path });
      await expect(openSearchStore({ url: folder.path })).rejects.toMatchObject({ reason: 'FOLDER_IN_USE' });
      await store.close();
    },
    PATIENCE_MS,
  );

  it('is refused when another version of PostgreSQL wrote it', async () => {
    await mkdir(join(folder.path, 'postgres'));
    await writeFile(join(folder.path, 'postgres', 'PG_VERSION'), '12\n');
    await expect(openSearchStore({ url: folder.path })).rejects.toMatchObject({
      reason: 'DATABASE_VERSION',
      message: expect.stringContaining('PostgreSQL 12'),
    });
  });

  it(
    'does not grow with every snapshot that replaces another',
    async () => {
      await copyTemplate();
      const store = await openSearchStore({ url: folder.path });
      const { id } = await store.create(buildSearchRecord());
      const snapshot = new Uint8Array(1_000_000);
      for (let index = 0; index < 60; index += 1) {
        await store.addTrials(id, [buildTrial(id, index)], snapshot.fill(index));
      }
      await store.close();
      // 60 MB were written to the table and again to the log; an empty database has 40 MB
      expect(await sizeOf(folder.path)).toBeLessThan(120_000_000);
    },
    PATIENCE_MS,
  );
});

function startWriter(path: string, searchId: string): ChildProcess {
  const args = ['--conditions=@bitwright/source', '--import', 'tsx', writer, path, searchId, `request-${searchId}`];
  return spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}

/** Kills the writer at any moment after it confirmed some trials; gives the last index that it printed. */
async function killWhileWriting(child: ChildProcess): Promise<number> {
  // Its output ends a moment before the process does, and until then it holds the folder.
  const exited = once(child, 'exit');
  const wanted = 2 + Math.random() * 10;
  let confirmed = 0;
  let last = -1;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line === 'open') continue;
    last = Number(line);
    confirmed += 1;
    if (confirmed > wanted) setTimeout(() => child.kill('SIGKILL'), Math.random() * 20);
  }
  await exited;
  return last;
}

async function printed(child: ChildProcess, expected: string): Promise<void> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    if (line === expected) return;
  }
  throw new Error(`the writer ended without printing "${expected}"`);
}

async function sizeOf(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
