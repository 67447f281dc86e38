import { MemoryArtifactStore, openFileArtifactStore, openSearchStore } from '@bitwright/adapters';
import { BitwrightError, sweepArtifacts } from '@bitwright/core';
import { makeTemporaryFolder, type TemporaryFolder, waitUntil } from '@bitwright/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSearches, untilCancelled } from './fake-searches.js';

const RANDOM = { strategy: { name: 'random', options: {} }, maxTrials: 3 };
const DAY_MS = 24 * 60 * 60 * 1000;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await makeTemporaryFolder();
});
afterEach(() => folder.remove());

/** Searches in a real database whose models and results are files. */
async function openKept() {
  const store = await openSearchStore({ url: 'memory:' });
  const artifacts = await openFileArtifactStore({ folder: folder.path });
  const opened = openSearches(RANDOM, store, { artifacts });
  const { quantizer } = opened;
  const { finetunePolicy, exportModel } = quantizer;
  const put = (what: unknown) => artifacts.put(new TextEncoder().encode(JSON.stringify(what)));
  quantizer.finetunePolicy = async (request, options) => ({
    ...(await finetunePolicy(request, options)),
    checkpointDigest: await put([request.policy, request.seed]),
  });
  quantizer.exportModel = async (request, options) => ({
    ...(await exportModel(request, options)),
    onnxDigest: await put(['onnx', request.checkpointDigest]),
  });
  const there = () => artifacts.putBefore(Number.POSITIVE_INFINITY);
  return { ...opened, store, artifacts, put, there };
}

test('a deleted search is gone, with every artifact that it had and no other search refers to', async () => {
  const { manager, run, store, put, there } = await openKept();
  const model = { kind: 'artifact', digest: await put('a model') } as const;
  const own = await run({ model, seed: 2 });
  const [first, twin] = [await run({ model }), await run({ model })];
  const shared = new Set((await store.trials(first.id)).flatMap(({ checkpointDigest }) => checkpointDigest ?? []));
  const before = await there();
  await manager.delete(own.id);
  const left = await there();
  expect(left.length).toBeLessThan(before.length);
  expect(left).toEqual(expect.arrayContaining([model.digest, ...shared]));
  await manager.delete(first.id);
  expect((await there()).toSorted()).toEqual(left.toSorted());
  await manager.delete(twin.id);
  expect(await there()).toEqual([]);
  await expect(manager.get(own.id)).rejects.toMatchObject({ kind: 'not_found' });
  await store.close();
});

test('a search that is not there is refused, unless it may be missing', async () => {
  const { manager, run } = openSearches(RANDOM);
  await expect(manager.delete('nobody')).rejects.toMatchObject({ kind: 'not_found', reason: 'SEARCH_NOT_FOUND' });
  await manager.delete('nobody', { allowMissing: true });
  const { id } = await run();
  await manager.delete(id);
  await manager.delete(id, { allowMissing: true });
});

test('a search that runs is refused, and can be deleted once it is cancelled', async () => {
  const { manager, quantizer, start } = openSearches(RANDOM);
  quantizer.before = untilCancelled;
  const { id } = await start();
  const waiting = await start({ seed: 2 });
  for (const each of [id, waiting.id]) {
    const refused = manager.delete(each);
    await expect(refused).rejects.toMatchObject({ kind: 'failed_precondition', reason: 'SEARCH_RUNNING' });
  }
  // In the order in which it was asked, though nobody waited.
  const [, deleted] = await Promise.all([manager.cancel(waiting.id), manager.delete(waiting.id).then(() => 'deleted')]);
  expect(deleted).toBe('deleted');
  await expect(manager.resume(waiting.id)).rejects.toMatchObject({ kind: 'not_found' });
  await manager.close();
});

test('a deletion is told, though nothing is left of the search', async () => {
  const { manager, run, ports } = openSearches(RANDOM);
  const kinds: string[] = [];
  const stop = new AbortController();
  const listening = (async () => {
    for await (const { kind } of ports.events.subscribe({}, stop.signal)) kinds.push(kind);
  })();
  const { id } = await run();
  await manager.delete(id);
  await waitUntil('the event', () => kinds.at(-1) === 'search.deleted');
  stop.abort();
  await listening;
});

test('what another search needs, or may, stays: it runs and has just put it, or it was put after the search had ended', async () => {
  const { manager, quantizer, run, start, put, there, store } = await openKept();
  const model = { kind: 'artifact', digest: await put('a model') } as const;
  const { id } = await run({ model });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await put('a model');
  await manager.delete(id);
  expect(await there()).toEqual([model.digest]);

  const other = await run({ model });
  quantizer.before = () => new Promise(() => {});
  await start({ model });
  const before = await there();
  await manager.delete(other.id);
  expect((await there()).toSorted()).toEqual(before.toSorted());
  void manager.close();
  await store.close();
});

test('what a process that died left of a deletion, or an upload that nobody used, is swept after a day', async () => {
  const { run, store, artifacts, put, there } = await openKept();
  const model = { kind: 'artifact', digest: await put('a model') } as const;
  const dying = await run({ model, seed: 2 });
  const kept = await run({ model });
  await put('an upload');
  // As a process that is killed between the rows and the files.
  await store.delete(dying.id);
  const sweepAt = (now: number) =>
    sweepArtifacts({ store, artifacts, clock: { now: () => now, sleep: async () => {} } });
  expect(await sweepAt(Date.now() + DAY_MS / 2)).toBe(0);
  expect(await sweepAt(Date.now() + 2 * DAY_MS)).toBeGreaterThan(1);
  const { digests } = await store.artifacts();
  const left = await there();
  expect(left.every((digest) => digests.has(digest))).toBe(true);
  const checkpoints = (await store.trials(kept.id)).flatMap(({ checkpointDigest }) => checkpointDigest ?? []);
  expect(left).toEqual(expect.arrayContaining([model.digest, ...checkpoints]));
  await store.close();
});

test('a search that failed a moment ago is resumed, though its run has not let go of it', async () => {
  const { manager, quantizer, store, start, watchToEnd } = openSearches(RANDOM);
  const update = store.update.bind(store);
  let letGo = () => {};
  store.update = async (...change) => {
    const updated = await update(...change);
    if (change[1].state === 'failed') await new Promise<void>((resolve) => (letGo = resolve));
    return updated;
  };
  quantizer.before = () => {
    throw new BitwrightError('invalid_argument', 'MODEL_NOT_FINITE', 'weight of stem is NaN');
  };
  const { id } = await start();
  await waitUntil('the search to fail', async () => (await manager.get(id)).state === 'failed');
  quantizer.before = () => {};
  const resumed = manager.resume(id);
  letGo();
  expect((await resumed).state).toBe('pending');
  await watchToEnd(id);
  expect((await manager.get(id)).state).toBe('completed');
});

test('a search that is created while its agent stops is begun by the next one', async () => {
  const { manager, quantizer, store, start } = openSearches(RANDOM);
  const { describeModel } = quantizer;
  let answer = () => {};
  quantizer.describeModel = async (...given) => {
    await new Promise<void>((resolve) => (answer = resolve));
    return describeModel(...given);
  };
  const created = start();
  await manager.close();
  quantizer.before = () => {
    throw new BitwrightError('internal', 'CHANNEL', 'the channel is closed');
  };
  answer();
  const { id } = await created;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await store.get(id)).state).toBe('pending');
});

test('an artifact of nobody is not lost to a search that is created with it', async () => {
  const artifacts = new MemoryArtifactStore();
  const { store, start, manager } = openSearches(RANDOM, undefined, { artifacts });
  const digest = await artifacts.put(Uint8Array.of(1));
  await new Promise((resolve) => setTimeout(resolve, 20));
  const time = Date.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await start({ model: { kind: 'artifact', digest } });
  expect(await artifacts.removePutBefore(digest, time)).toBe(false);
  expect((await store.artifacts()).digests.has(digest)).toBe(true);
  await manager.close();
});
