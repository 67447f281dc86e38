import { connectNatsEventBus, EVENT_STREAM, type NatsEventBusOptions } from '@bitwright/adapters';
import type { BitwrightEvent, EventBus } from '@bitwright/core';
import {
  buildEvent,
  collectEvents,
  type EventCollector,
  findFreePort,
  launchNatsServer,
  type NatsServer,
  waitUntil,
} from '@bitwright/testing';
import { connect } from 'nats';
import { afterEach, describe, expect, it } from 'vitest';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function launch(options: Parameters<typeof launchNatsServer>[0] = {}): Promise<NatsServer> {
  const server = await launchNatsServer(options);
  open.push({ close: server.stop });
  return server;
}

async function connectBus(options: NatsEventBusOptions): Promise<EventBus> {
  const bus = await connectNatsEventBus(options);
  open.push(bus);
  return bus;
}

/** A subscriber in another process sees what is published once the server knows of it. */
async function collectFromElsewhere(server: NatsServer): Promise<EventCollector> {
  const bus = await connectBus({ url: server.url });
  const collector = collectEvents(bus);
  bus.publish(buildEvent({ subject: 'ready' }));
  await waitUntil('the subscription', () => collector.events.length === 1);
  return collector;
}

const numbered = (subject: string, from: number, to: number): BitwrightEvent[] =>
  Array.from({ length: to - from }, (_, index) => buildEvent({ subject, attributes: { index: from + index } }));

const indicesOf = (events: readonly BitwrightEvent[], subject: string) =>
  events.filter((event) => event.subject === subject).map(({ attributes }) => attributes['index']);

describe('a NATS server that is killed and comes back', () => {
  it('has, for a subscriber of another process, every event once and in order, those published meanwhile too', async () => {
    const server = await launch();
    const publisher = await connectBus({ url: server.url });
    const collector = await collectFromElsewhere(server);
    const subjects = ['one', 'two'];
    const publish = (from: number, to: number) => {
      for (let index = from; index < to; index += 1) {
        for (const subject of subjects) publisher.publish(buildEvent({ subject, attributes: { index } }));
      }
    };

    publish(0, 50);
    await server.kill('SIGKILL');
    publish(50, 100);
    await waitUntil('the loss to be seen', () => publisher.status() === 'disconnected');
    publish(100, 150);
    await server.start();
    await waitUntil('the connection to be back', () => publisher.status() === 'connected', 20_000);
    publish(150, 200);
    await waitUntil('all events', () => collector.distinct().length === 401, 20_000);
    await collector.stop();

    const expected = Array.from({ length: 200 }, (_, index) => index);
    for (const subject of subjects) expect(indicesOf(collector.distinct(), subject)).toEqual(expected);
  });

  it('loses nothing when it is killed again and again in the middle of sending', async () => {
    const server = await launch();
    const publisher = await connectBus({ url: server.url });
    const collector = await collectFromElsewhere(server);
    for (let round = 0; round < 4; round += 1) {
      for (const event of numbered('rounds', round * 300, (round + 1) * 300)) publisher.publish(event);
      await new Promise((resolve) => setTimeout(resolve, 20 + round * 15));
      await server.kill('SIGKILL');
      await server.start();
    }
    await waitUntil('all events', () => collector.distinct().length === 1201, 30_000);
    await collector.stop();
    expect(indicesOf(collector.distinct(), 'rounds')).toEqual(Array.from({ length: 1200 }, (_, index) => index));
  }, 60_000);

  it('stores an event once though its sender repeats it', async () => {
    const server = await launch();
    const event = buildEvent();
    for (const bus of [await connectBus({ url: server.url }), await connectBus({ url: server.url })]) {
      bus.publish(event);
      await bus.close();
    }
    expect(await storedMessages(server)).toBe(1);
  });

  it('is found again by a subscriber that came while it was away', async () => {
    const server = await launch();
    const bus = await connectBus({ url: server.url });
    await server.kill();
    await waitUntil('the loss to be seen', () => bus.status() === 'disconnected');
    const collector = collectEvents(bus, { subject: 'late' });
    const events = numbered('late', 0, 3);
    for (const event of events) bus.publish(event);
    await server.start();
    await waitUntil('the events', () => collector.distinct().length === 3, 20_000);
    await collector.stop();
    expect(collector.distinct()).toEqual(events);
  });

  it('goes on with subscribers when its data are gone', async () => {
    const server = await launch();
    const bus = await connectBus({ url: server.url });
    const collector = collectEvents(bus, { subject: 'anew' });
    for (const event of numbered('anew', 0, 5)) bus.publish(event);
    await waitUntil('the first events', () => collector.distinct().length === 5);
    await deleteStream(server);
    await server.kill();
    await waitUntil('the loss to be seen', () => bus.status() === 'disconnected');
    await server.start();
    for (const event of numbered('anew', 5, 8)) bus.publish(event);
    await waitUntil('the other events', () => collector.distinct().length === 8, 20_000);
    await collector.stop();
  });
});

describe('a NATS server that is not there at the start', () => {
  it('fails nothing: the bus says "disconnected", keeps events, and sends them when the server comes', async () => {
    const server = await launch({ started: false });
    const notices: string[] = [];
    const bus = await connectBus({ url: server.url, onNotice: (notice) => notices.push(notice) });
    expect(bus.status()).toBe('disconnected');
    const collector = collectEvents(bus);
    const events = numbered('early', 0, 20);
    for (const event of events) bus.publish(event);
    await server.start();
    await waitUntil('the events', () => collector.distinct().length === 20, 20_000);
    await collector.stop();
    expect(collector.distinct()).toEqual(events);
    expect(notices).toEqual([
      expect.stringMatching(/^no NATS at 127/),
      expect.stringMatching(/^connected to NATS at 127/),
    ]);
  });

  it('lets the bus close within a few seconds, with events that nobody will get', async () => {
    const bus = await connectNatsEventBus({ url: `nats://127.0.0.1:${await findFreePort()}` });
    bus.publish(buildEvent());
    const started = performance.now();
    await bus.close();
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(bus.status()).toBe('closed');
  });

  it('costs the oldest events once the outbox is full, and the bus says so once', async () => {
    const server = await launch({ started: false });
    const notices: string[] = [];
    const bus = await connectBus({ url: server.url, outboxEvents: 10, onNotice: (notice) => notices.push(notice) });
    const collector = collectEvents(bus);
    for (const event of numbered('many', 0, 25)) bus.publish(event);
    await server.start();
    await waitUntil('the events', () => collector.distinct().length === 10, 20_000);
    await collector.stop();
    expect(indicesOf(collector.distinct(), 'many')).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
    expect(notices.filter((notice) => notice.includes('dropped'))).toHaveLength(1);
  });
});

describe('a NATS event bus', () => {
  it('sends what is pending before it closes', async () => {
    const server = await launch();
    const bus = await connectNatsEventBus({ url: server.url });
    for (const event of numbered('last', 0, 100)) bus.publish(event);
    await bus.close();
    expect(await storedMessages(server)).toBe(100);
  });

  it('logs in with the user and password of its URL, and tells them nobody', async () => {
    const server = await launch({ user: 'agent', password: 's3cret' });
    const notices: string[] = [];
    const onNotice = (notice: string) => notices.push(notice);
    const right = await connectBus({ url: server.url.replace('//', '//agent:s3cret@'), onNotice });
    expect(right.status()).toBe('connected');
    const wrong = await connectBus({ url: server.url.replace('//', '//agent:s3cret-not@'), onNotice });
    expect(wrong.status()).toBe('disconnected');
    expect(notices).toHaveLength(2);
    expect(notices.join()).not.toContain('s3cret');
  });

  it('creates the stream with limits, and leaves one that is there as it is', async () => {
    const server = await launch();
    const limits = { maxBytes: 1_000_000, maxAgeMs: 60_000 };
    await connectBus({ url: server.url, limits });
    await connectBus({ url: server.url });
    const { config } = await streamInfo(server);
    expect(config).toMatchObject({ max_bytes: 1_000_000, max_age: 60_000_000_000, subjects: ['bitwright.v1.>'] });
  });

  it('leaves out what others publish on its subjects and is no event', async () => {
    const server = await launch();
    const notices: string[] = [];
    const bus = await connectBus({ url: server.url, onNotice: (notice) => notices.push(notice) });
    const collector = collectEvents(bus);
    const stranger = await connect({ servers: server.url });
    await stranger.jetstream().publish('bitwright.v1.trial.x.evaluated', 'not an event');
    await stranger.close();
    bus.publish(buildEvent());
    await waitUntil('the event', () => collector.events.length === 1);
    await collector.stop();
    expect(notices.some((notice) => notice.includes('is no event'))).toBe(true);
  });
});

async function streamInfo(server: NatsServer) {
  const connection = await connect({ servers: server.url });
  try {
    return await (await connection.jetstreamManager()).streams.info(EVENT_STREAM);
  } finally {
    await connection.close();
  }
}

async function storedMessages(server: NatsServer): Promise<number> {
  return (await streamInfo(server)).state.messages;
}

async function deleteStream(server: NatsServer): Promise<void> {
  const connection = await connect({ servers: server.url });
  await (await connection.jetstreamManager()).streams.delete(EVENT_STREAM);
  await connection.close();
}
