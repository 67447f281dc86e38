import { MemorySearchStore } from '@bitwright/adapters';
import { BitwrightError, completeSearchSpec, SearchManager, type SearchState } from '@bitwright/core';
import { waitUntil } from '@bitwright/testing';
import { expect, test } from 'vitest';
import { openSearches, untilCancelled } from './fake-searches.js';

const SPEC = completeSearchSpec({
  model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 },
  ...{ dataset: { name: 'fake-images' }, hardware: [{ name: 'bismo-edge' }] },
  ...{ strategy: { name: 'random', options: {} }, maxTrials: 6 },
});

const lost = () => new BitwrightError('unavailable', 'DATABASE_UNAVAILABLE', 'the database cannot be reached');

/** A store whose database can be away: then every call fails. */
function openLeavingStore() {
  const kept = new MemorySearchStore();
  const database = { isAway: false };
  const store = new Proxy(kept, {
    get:
      (_, name: keyof MemorySearchStore) =>
      async (...given: never[]) => {
        if (database.isAway) throw lost();
        return (kept[name] as (...all: never[]) => unknown)(...given);
      },
  });
  return { store, database };
}

/** Sleeps no longer than a turn of the event loop. */
const quickClock = {
  now: () => Date.now(),
  sleep: async (_ms: number, signal?: AbortSignal) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) throw new BitwrightError('cancelled', 'CANCELLED', 'no more waiting');
  },
};

/** A search in the middle of its controls when its database went away. */
async function loseDatabase(patienceMs = 60_000) {
  const { store, database } = openLeavingStore();
  const { ports, quantizer } = openSearches({}, store);
  const manager = new SearchManager({ ...ports, clock: quickClock }, { maxRunning: 1, patienceMs });
  quantizer.before = () => {
    database.isAway ||= quantizer.requests.length === 3;
  };
  const { id } = await manager.create('1', SPEC);
  await waitUntil('the database to be away', () => database.isAway);
  const isIn = async (state: SearchState) => (await manager.get(id)).state === state;
  return { ...{ manager, store, database, id, ports }, isIn };
}

const aWhile = () => new Promise<void>((resolve) => setTimeout(resolve, 100));

test('a search waits for a database that is away, and goes on', async () => {
  const { manager, database, id, isIn, ports } = await loseDatabase();
  await aWhile();
  database.isAway = false;
  await waitUntil('the search to complete', () => isIn('completed'));
  const trials = await ports.store.trials(id);
  expect(trials.map(({ index }) => index)).toEqual(trials.map((_, index) => index));
  expect(JSON.parse(await manager.report(id))).toMatchObject({ state: 'completed' });
});

test('a search that waited for the database in vain has failed once it is back, and can be resumed', async () => {
  const { manager, database, id, isIn } = await loseDatabase(20);
  await aWhile();
  database.isAway = false;
  await waitUntil('the search to fail', () => isIn('failed'));
  expect((await manager.get(id)).failure?.message).toContain('for database in vain');
  await manager.resume(id);
  await waitUntil('the search to complete', () => isIn('completed'));
});

test('a search that was cancelled while the database was away is cancelled once it is back', async () => {
  const { manager, database, id } = await loseDatabase();
  const cancelled = manager.cancel(id);
  await aWhile();
  database.isAway = false;
  expect(await cancelled).toMatchObject({ state: 'cancelled' });
});

test('an agent stops though the database is away', async () => {
  const { manager, store, database, id } = await loseDatabase();
  const cancelled = manager.cancel(id).catch(String);
  await manager.close();
  expect(await cancelled).toContain('cannot be reached');
  database.isAway = false;
  expect(await store.get(id)).toMatchObject({ state: 'running' });
});

test('a search that nobody runs can be cancelled, and nobody waits for it any more', async () => {
  const { manager, store, run } = openSearches({ strategy: { name: 'random', options: {} }, maxTrials: 6 });
  const { id } = await run();
  await store.update(id, { state: 'running' });
  expect(await manager.cancel(id)).toMatchObject({ state: 'cancelled' });
  const states: SearchState[] = [];
  for await (const { state } of manager.watch(id, 1e9, new AbortController().signal)) states.push(state);
  expect(states).toEqual(['cancelled']);
});

test('a search that is cancelled while its request comes again stays cancelled', async () => {
  const { manager, store, quantizer } = openSearches({});
  quantizer.before = untilCancelled;
  const { id } = await manager.create('1', SPEC);
  const findByRequest = store.findByRequest.bind(store);
  let answer = () => {};
  store.findByRequest = async (request) => {
    const found = await findByRequest(request);
    await new Promise<void>((resolve) => (answer = resolve));
    return found && { ...found, state: 'pending' };
  };
  const again = manager.create('1', SPEC);
  await manager.cancel(id);
  answer();
  expect((await again).state).toBe('cancelled');
  await aWhile();
  expect((await manager.get(id)).state).toBe('cancelled');
});

test('a search that was stored without its client hearing of it begins when the request comes again', async () => {
  const store = new MemorySearchStore();
  const { manager, watchToEnd } = openSearches({}, store);
  const create = store.create.bind(store);
  store.create = async (record) => {
    await create(record);
    throw lost();
  };
  await expect(manager.create('1', SPEC)).rejects.toMatchObject({ kind: 'unavailable' });
  const { id } = await manager.create('1', SPEC);
  await watchToEnd(id);
  expect(await manager.get(id)).toMatchObject({ state: 'completed' });
});
