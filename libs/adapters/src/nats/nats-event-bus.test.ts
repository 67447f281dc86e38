import { buildEvent, collectEvents, launchNatsServer, waitUntil } from '@bitwright/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { connectNatsEventBus } from './nats-event-bus.js';
import { NatsSession } from './nats-session.js';

const EVENTS = 50;

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of open.splice(0).reverse()) await close();
});

it('an event leaves nothing behind that would last as long as its connection', async () => {
  const server = await launchNatsServer();
  open.push(server.stop);
  const opened = vi.spyOn(NatsSession, 'open');
  const bus = await connectNatsEventBus({ url: server.url });
  open.push(() => bus.close());
  const session = (await opened.mock.results[0]?.value) as NatsSession;
  const collector = collectEvents(bus);
  bus.publish(buildEvent());
  await waitUntil('the first event', () => collector.events.length === 1);

  const reaction = vi.spyOn(session.ended, 'then');
  for (let count = 1; count < EVENTS; count += 1) {
    bus.publish(buildEvent());
    // One by one, so that the outbox is empty before each.
    await waitUntil('an event', () => collector.events.length === count + 1);
  }
  expect(reaction).not.toHaveBeenCalled();
});
