import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { connectNatsEventBus } from '@bitwright/adapters';
import { sha256Hex } from '@bitwright/core';
import { collectEvents, waitUntil } from '@bitwright/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runBitwright } from './run-bitwright.js';
import { slowerSearch, smallSearch } from './small-search.js';
import { type Stack, startStack } from './stack.js';
import { watchUntil } from './watch.js';
import { writeSmallFashionMnist } from './write-idx.js';

let stack: Stack;
let data: string;
beforeAll(async () => {
  stack = await startStack();
  data = await writeSmallFashionMnist(`${stack.folder}/fashion-mnist-small`);
}, 300_000);
afterAll(() => stack?.stop());

const few = (seed: number) => smallSearch({ dataset: { name: data }, maxTrials: 1, finalists: 1, seed });

async function artifacts(): Promise<readonly string[]> {
  const folder = join(stack.folder, 'artifacts');
  const parts = (await readdir(folder)).filter((name) => name.length === 2);
  return (await Promise.all(parts.map((part) => readdir(join(folder, part))))).flat();
}

const bitwright = (...argv: string[]) =>
  runBitwright(join(stack.folder, 'home'), ...argv, '--address', stack.agent.address, '--json');

it('a search is deleted with its files; it is refused while it runs, and once it is gone', async () => {
  const { client } = stack;
  const bus = await connectNatsEventBus({ url: stack.nats.url });
  const events = collectEvents(bus, { kind: 'search.deleted' });
  const { id } = await client.createSearch(few(21));
  await watchUntil(client, id);
  expect((await artifacts()).length).toBeGreaterThan(2);
  await client.deleteSearch(id);
  expect(await artifacts()).toEqual([]);
  await expect(client.getReport(id)).rejects.toMatchObject({ kind: 'not_found' });
  await expect(client.deleteSearch(id)).rejects.toMatchObject({ kind: 'not_found', reason: 'SEARCH_NOT_FOUND' });
  await client.deleteSearch(id, { allowMissing: true });
  await waitUntil('the event', () => events.events.some(({ subject }) => subject === id));
  await events.stop();
  await bus.close();

  const running = await client.createSearch(slowerSearch(data, { seed: 22 }));
  await watchUntil(client, running.id, ({ state }) => state === 'running');
  await expect(client.deleteSearch(running.id)).rejects.toMatchObject({
    ...{ kind: 'failed_precondition', reason: 'SEARCH_RUNNING' },
    message: expect.stringContaining(`search ${running.id} is running; cancel it first`),
  });
  await client.cancelSearch(running.id);
  await client.deleteSearch(running.id);
}, 300_000);

it('the command line deletes several, and all that ended long ago', async () => {
  const { client } = stack;
  const ids: string[] = [];
  for (const seed of [31, 32, 33]) {
    const { id } = await client.createSearch(few(seed));
    await client.cancelSearch(id);
    ids.push(id);
  }
  const [first, second, third] = ids as [string, string, string];
  const both = await bitwright('delete', first, second);
  expect([both.code, JSON.parse(both.stdout)]).toEqual([0, { deleted: [first, second] }]);
  const again = await bitwright('delete', first);
  expect([again.code, JSON.parse(again.stdout)]).toMatchObject([4, { error: { reason: 'SEARCH_NOT_FOUND' } }]);
  expect((await bitwright('delete', first, '--allow-missing')).code).toBe(0);
  expect(JSON.parse((await bitwright('delete', '--older-than', '1h')).stdout)).toEqual({ deleted: [] });
  expect(JSON.parse((await bitwright('delete', '--older-than', '0h')).stdout)).toEqual({ deleted: [third] });
  expect((await client.listSearches()).searches).toEqual([]);
  for (const wrong of [['--older-than', '30'], []])
    expect(await bitwright('delete', ...wrong)).toMatchObject({ code: 2 });
}, 300_000);

it('what nobody refers to is gone at the next start, and what is on its way to a search stays', async () => {
  const { client } = stack;
  const { id } = await client.createSearch(few(41));
  await watchUntil(client, id);
  const kept = await artifacts();
  const [left, upload] = [Uint8Array.of(1), Uint8Array.of(2)];
  for (const bytes of [left, upload]) await client.artifacts.put(bytes);
  const long = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
  for (const digest of [...kept, sha256Hex(left)])
    await utimes(join(stack.folder, 'artifacts', digest.slice(0, 2), digest), long, long);
  await stack.agent.kill('SIGKILL');
  await stack.agent.start();
  await waitUntil('the sweep', async () => !(await client.artifacts.has(sha256Hex(left))));
  expect((await artifacts()).toSorted()).toEqual([...kept, sha256Hex(upload)].toSorted());
  expect((await stat(join(stack.folder, 'artifacts', 'owners'))).isDirectory()).toBe(true);
}, 300_000);
