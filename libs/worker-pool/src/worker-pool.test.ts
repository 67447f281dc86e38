import { readFile } from 'node:fs/promises';
import type { WorkProgress } from '@bitwright/core';
import { afterEach, expect, test, vi } from 'vitest';
import type { ToyJob } from './toy-worker.test-support.js';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.js';

const pools: WorkerPool<ToyJob, number>[] = [];

function openPool(changes: Partial<WorkerPoolOptions> = {}): WorkerPool<ToyJob, number> {
  const entry = new URL('./toy-worker.test-support.ts', import.meta.url);
  const pool = new WorkerPool<ToyJob, number>({ entry, size: 2, maximumWaiting: 4, ...changes });
  pools.push(pool);
  return pool;
}

afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
  vi.unstubAllEnvs();
});

test('jobs run side by side and give their results', async () => {
  const pool = openPool();
  const jobs = [1, 2, 3, 4].map((value) => pool.run({ what: 'double', value }));
  expect(await Promise.all(jobs)).toEqual([2, 4, 6, 8]);
  expect(pool.pids()).toHaveLength(2);
});

test('a job tells how it goes', async () => {
  const seen: WorkProgress[] = [];
  await openPool().run({ what: 'count', steps: 3 }, { onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ done }) => done)).toEqual([1, 2, 3]);
});

test('a job whose child keeps dying fails after its retries, and the pool goes on', async () => {
  let deaths = 0;
  const pool = openPool({ onWorkerDied: () => (deaths += 1) });
  await expect(pool.run({ what: 'die' })).rejects.toMatchObject({ kind: 'unavailable', reason: 'WORKER_DIED' });
  expect(deaths).toBe(3);
  expect(await pool.run({ what: 'double', value: 5 })).toBe(10);
});

test('a child killed from outside costs its job a retry, not its result', async () => {
  const pool = openPool({ size: 1 });
  await pool.run({ what: 'double', value: 1 });
  const [pid] = pool.pids();
  const job = pool.run({ what: 'block', ms: 300 });
  process.kill(pid as number, 'SIGKILL');
  expect(await job).toBe(300);
});

test('refused input and bugs keep their kind and are not tried again', async () => {
  let deaths = 0;
  const pool = openPool({ onWorkerDied: () => (deaths += 1) });
  await expect(pool.run({ what: 'refuse' })).rejects.toMatchObject({
    kind: 'invalid_argument',
    reason: 'MODEL_CORRUPT',
  });
  await expect(pool.run({ what: 'crash' })).rejects.toMatchObject({ kind: 'internal' });
  expect(deaths).toBe(0);
});

test('a cancelled job ends, even one that never looks at its signal', async () => {
  const pool = openPool({ size: 1 });
  await pool.run({ what: 'double', value: 1 });
  for (const job of [
    { what: 'count', steps: 1e9 },
    { what: 'block', ms: 60_000 },
  ] as const) {
    const abort = new AbortController();
    const work = pool.run(job, { signal: abort.signal });
    abort.abort();
    await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
  }
  expect(await pool.run({ what: 'double', value: 4 })).toBe(8);
});

test('more waiting jobs than allowed are refused, a cancelled one gives up its place', async () => {
  const pool = openPool({ size: 1, maximumWaiting: 1 });
  const first = pool.run({ what: 'block', ms: 200 });
  const abort = new AbortController();
  const second = pool.run({ what: 'double', value: 2 }, { signal: abort.signal });
  await expect(pool.run({ what: 'double', value: 3 })).rejects.toMatchObject({ kind: 'resource_exhausted' });
  abort.abort();
  await expect(second).rejects.toMatchObject({ kind: 'cancelled' });
  expect(await pool.run({ what: 'double', value: 4 })).toBe(8);
  expect(await first).toBe(200);
});

test('a child is started by a launcher, with an environment of its own', async () => {
  const environment = { BITWRIGHT_TEST_CHILD: 'yes' };
  const pool = openPool({ size: 1, launcher: ['nice', '-n', '1'], environment });
  expect(await pool.run({ what: 'double', value: 3 })).toBe(6);
  expect(await environmentOf(pool)).toContain('BITWRIGHT_TEST_CHILD=yes');
  const niceness = (await readFile(`/proc/${pool.pids()[0]}/stat`, 'utf8')).split(') ')[1]?.split(' ')[16];
  expect(Number(niceness)).toBeGreaterThanOrEqual(1);
});

test.each([
  [undefined, '1'],
  ['0', '0'],
])("a child's ONNX Runtime tells nobody of its sessions, unless its user wants it to (%s)", async (given, expected) => {
  vi.stubEnv('ORT_DISABLE_TELEMETRY', given);
  const pool = openPool({ size: 1 });
  await pool.run({ what: 'double', value: 1 });
  expect(await environmentOf(pool)).toContain(`ORT_DISABLE_TELEMETRY=${expected}`);
});

/** `NAME=value` of each variable of the pool's first child. */
async function environmentOf(pool: WorkerPool<ToyJob, number>): Promise<readonly string[]> {
  return (await readFile(`/proc/${pool.pids()[0]}/environ`, 'utf8')).split('\0');
}
