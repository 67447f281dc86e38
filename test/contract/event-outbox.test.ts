import { setTimeout as sleep } from 'node:timers/promises';
import { connectNatsEventBus, MemorySearchStore, openSearchStore } from '@bitwright/adapters';
import type { BitwrightEvent, Clock, EventBus, EventKind, SearchStore } from '@bitwright/core';
import {
  buildEvent,
  buildSearchRecord,
  collectEvents,
  launchNatsServer,
  makeTemporaryFolder,
  type NatsServer,
  waitUntil,
} from '@bitwright/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { openMemoryDatabase } from '../../libs/adapters/src/sql/embedded-database.js';
import { migrate } from '../../libs/adapters/src/sql/migrations.js';
import { SqlSearchStore } from '../../libs/adapters/src/sql/sql-search-store.js';
import { storedEventIds } from '../e2e/event-log.js';
import { openSearches } from './fake-searches.js';

const RANDOM = { strategy: { name: 'random', options: {} }, maxTrials: 3 };

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function launch(started = true): Promise<NatsServer> {
  const server = await launchNatsServer({ started });
  closers.push(() => server.stop());
  return server;
}

const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal && { signal }),
};

/** An agent's searches with NATS; after `die` nothing is sent any more. */
async function openWithNats(server: NatsServer, store: SearchStore) {
  const bus = await connectNatsEventBus({ url: server.url });
  closers.push(() => bus.close());
  let isDead = false;
  const events: EventBus = {
    publish: (event) => bus.publish(event),
    send: (event, signal) => (isDead ? new Promise(() => {}) : bus.send(event, signal)),
    subscribe: (filter, signal) => bus.subscribe(filter, signal),
    status: () => bus.status(),
    close: () => bus.close(),
  };
  const die = async () => {
    isDead = true;
    await bus.close();
  };
  return { ...openSearches(RANDOM, store, { events, clock: realClock }), bus, die };
}

const trialsIn = (events: readonly BitwrightEvent[]) =>
  events.filter(({ kind }) => kind === 'trial.evaluated').map(({ attributes }) => attributes['index']);

describe('events of searches', () => {
  it('are sent by the next process where one died before NATS had them, each once and in order', async () => {
    const folder = await makeTemporaryFolder();
    closers.push(() => folder.remove());
    const server = await launch(false);
    const store = await openSearchStore({ url: folder.path });
    const dying = await openWithNats(server, store);
    const { id } = await dying.run();
    await dying.die();
    await store.close();

    await server.start();
    const next = await openSearchStore({ url: folder.path });
    const agent = await openWithNats(server, next);
    const collector = collectEvents(agent.bus);
    await agent.manager.start();
    await waitUntil('the last event', () => collector.events.at(-1)?.kind === 'search.completed', 20_000);
    await waitUntil('all to be acknowledged', async () => (await next.unsentEvents(1)).length === 0);
    await collector.stop();
    await agent.manager.close();
    const trials = await next.trials(id);
    expect(trialsIn(collector.events)).toEqual(trials.map(({ index }) => index));
    expect(collector.events.slice(0, 2).map(({ kind }) => kind)).toEqual(['search.created', 'search.started']);
    expect(await storedEventIds(server.url, id)).toEqual(collector.events.map((event) => event.id));
    await next.close();
  });

  it('that were sent, but not yet removed when a process died, are not there twice', async () => {
    const server = await launch();
    const store = new MemorySearchStore();
    const removeEvents = store.removeEvents.bind(store);
    store.removeEvents = async () => {};
    const dying = await openWithNats(server, store);
    const { id } = await dying.run();
    const last = async () => (await storedEventIds(server.url, id)).at(-1) ?? '';
    await waitUntil('all to be sent', async () => (await last()).includes('search.completed'), 20_000);
    await dying.die();
    store.removeEvents = removeEvents;

    const { manager } = await openWithNats(server, store);
    await manager.start();
    await waitUntil('all to be acknowledged', async () => (await store.unsentEvents(1)).length === 0, 20_000);
    const ids = await storedEventIds(server.url, id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength((await store.trials(id)).length + 3);
    expect(ids.at(-1)).toContain('search.completed');
    await manager.close();
  });

  it('wait for a server that is away, and hold up neither searches nor the end of the process', async () => {
    const server = await launch(false);
    const store = new MemorySearchStore();
    const { manager, run } = await openWithNats(server, store);
    const { id } = await run();
    const started = performance.now();
    await manager.close();
    expect(performance.now() - started).toBeLessThan(2_000);
    expect((await store.unsentEvents(1000)).at(-1)).toMatchObject({ kind: 'search.completed', subject: id });
  });

  it('are sent before the process ends where NATS is there', async () => {
    const server = await launch();
    const store = new MemorySearchStore();
    const { manager, run } = await openWithNats(server, store);
    await run();
    await manager.close();
    expect(await store.unsentEvents(1)).toEqual([]);
  });
});

describe.each([
  ['MemorySearchStore', async (limit: number) => new MemorySearchStore(limit)],
  [
    'SqlSearchStore',
    async (eventLimit: number) => {
      const database = await openMemoryDatabase();
      await migrate(database);
      return new SqlSearchStore(database, { eventLimit, onNotice: (notice) => notices.push(notice) });
    },
  ],
] as const)('too many events, in %s', (_, open) => {
  it('cost those of trials first, the oldest of them, and the ends of searches last', async () => {
    const store = await open(4);
    const { id: subject } = await store.create(buildSearchRecord());
    const keep = (kind: EventKind) => store.update(subject, {}, [buildEvent({ subject, kind })]);
    const kinds = async () => (await store.unsentEvents(10)).map(({ kind }) => kind);
    for (const kind of ['search.completed', 'trial.failed', 'search.started', 'trial.evaluated'] as const)
      await keep(kind);
    await keep('trial.evaluated');
    expect(await kinds()).toEqual(['search.completed', 'search.started', 'trial.evaluated', 'trial.evaluated']);
    for (const kind of ['search.failed', 'search.resumed', 'search.cancelled'] as const) await keep(kind);
    expect(await kinds()).toEqual(['search.completed', 'search.failed', 'search.resumed', 'search.cancelled']);
    for (const kind of ['search.deleted', 'search.failed'] as const) await keep(kind);
    expect(await kinds()).toEqual(['search.failed', 'search.cancelled', 'search.deleted', 'search.failed']);
    await store.close();
    if (store instanceof SqlSearchStore) expect(notices).toHaveLength(1);
  });
});

const notices: string[] = [];
