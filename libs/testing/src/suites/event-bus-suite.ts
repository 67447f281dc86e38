import { randomUUID } from 'node:crypto';
import type { BitwrightEvent, EventBus, EventFilter } from '@bitwright/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEvent } from '../builders.js';
import { waitUntil } from '../wait-until.js';

/** Collects what a subscriber is given until `stop`. */
export type EventCollector = {
  readonly events: readonly BitwrightEvent[];
  /** The events by id, each once: delivery is at least once. */
  distinct(): readonly BitwrightEvent[];
  /** Resolves when the subscription has ended. */
  stop(): Promise<void>;
};

/** Subscribes at once. */
export function collectEvents(bus: EventBus, filter: EventFilter = {}): EventCollector {
  const events: BitwrightEvent[] = [];
  const abort = new AbortController();
  const subscription = bus.subscribe(filter, abort.signal);
  const reading = (async () => {
    for await (const event of subscription) events.push(event);
  })();
  return {
    events,
    distinct: () => [...new Map(events.map((event) => [event.id, event])).values()],
    async stop() {
      abort.abort();
      await reading;
    },
  };
}

/** What every event bus must do. `open` gives a new bus each time, all of them to the same events where it can. */
export function describeEventBus(name: string, open: () => EventBus | Promise<EventBus>): void {
  describe(`${name} as an event bus`, () => {
    let bus: EventBus;
    beforeAll(async () => {
      bus = await open();
      await waitUntil('the bus to connect', () => bus.status() === 'connected');
    });
    afterAll(() => bus.close());

    describe('publishing', () => describePublishing(() => bus));
    describe('subscribing', () => describeSubscribing(() => bus));
    describe('closing', () => describeClosing(open));
  });
}

const eventsOf = (subject: string, count: number) =>
  Array.from({ length: count }, (_, index) => buildEvent({ subject, attributes: { index } }));

function describePublishing(given: () => EventBus): void {
  it('brings an event as it was', async () => {
    const subject = randomUUID();
    const collector = collectEvents(given(), { subject });
    const event = buildEvent({
      subject,
      attributes: { text: 'ü "x"', whole: 7, part: 0.1 + 0.2, yes: true, no: false },
    });
    given().publish(event);
    await waitUntil('the event', () => collector.events.length > 0);
    await collector.stop();
    expect(collector.events).toEqual([event]);
  });

  it('keeps the order of a subject', async () => {
    const events = eventsOf(randomUUID(), 200);
    const collector = collectEvents(given(), { subject: events[0]?.subject });
    for (const event of events) given().publish(event);
    await waitUntil('all events', () => collector.distinct().length === events.length);
    await collector.stop();
    expect(collector.distinct()).toEqual(events);
  });

  it('takes subjects of any characters', async () => {
    const subjects = ['a.b', 'a b', '*', '>', 'ä/ö', 'x'.repeat(100)].map((text) => `${text}${randomUUID()}`);
    const collectors = subjects.map((subject) => collectEvents(given(), { subject }));
    for (const subject of subjects) given().publish(buildEvent({ subject }));
    await waitUntil('an event each', () => collectors.every(({ events }) => events.length > 0));
    await Promise.all(collectors.map((collector) => collector.stop()));
    expect(collectors.map(({ events }) => events.map(({ subject }) => subject))).toEqual(
      subjects.map((subject) => [subject]),
    );
  });

  it('sends in the order that it is asked for, and says when it has', async () => {
    const events = eventsOf(randomUUID(), 20);
    const collector = collectEvents(given(), { subject: events[0]?.subject });
    const { signal } = new AbortController();
    for (const [index, event] of events.entries()) {
      if (index % 2 === 0) given().publish(event);
      else await given().send(event, signal);
    }
    await waitUntil('all events', () => collector.distinct().length === events.length);
    await collector.stop();
    expect(collector.distinct()).toEqual(events);
  });

  it('does not wait for anybody', () => {
    const started = performance.now();
    for (const event of eventsOf(randomUUID(), 1000)) given().publish(event);
    expect(performance.now() - started).toBeLessThan(1000);
  });
}

function describeSubscribing(given: () => EventBus): void {
  it('gives what is published from then on, not what was before', async () => {
    const subject = randomUUID();
    const witness = collectEvents(given(), { subject });
    given().publish(buildEvent({ subject, attributes: { when: 'before' } }));
    await waitUntil('the first event', () => witness.events.length === 1);
    const collector = collectEvents(given(), { subject });
    given().publish(buildEvent({ subject, attributes: { when: 'after' } }));
    await waitUntil('the second event', () => collector.events.length === 1 && witness.events.length === 2);
    await Promise.all([collector.stop(), witness.stop()]);
    expect(collector.events.map(({ attributes }) => attributes['when'])).toEqual(['after']);
  });

  it('gives every subscriber every event', async () => {
    const events = eventsOf(randomUUID(), 5);
    const subject = events[0]?.subject;
    const collectors = [collectEvents(given(), { subject }), collectEvents(given(), { subject })];
    for (const event of events) given().publish(event);
    await waitUntil('both to have all', () => collectors.every((collector) => collector.distinct().length === 5));
    await Promise.all(collectors.map((collector) => collector.stop()));
    expect(collectors.map((collector) => collector.distinct())).toEqual([events, events]);
  });

  it('gives only the kind and the subject that were asked for', async () => {
    const [subject, other] = [randomUUID(), randomUUID()];
    const collector = collectEvents(given(), { subject, kind: 'search.completed' });
    const ofKind = collectEvents(given(), { kind: 'search.completed' });
    given().publish(buildEvent({ subject: other, kind: 'search.completed' }));
    given().publish(buildEvent({ subject, kind: 'search.started' }));
    given().publish(buildEvent({ subject, kind: 'search.completed' }));
    await waitUntil('the events', () => collector.events.length === 1 && ofKind.events.length === 2);
    await Promise.all([collector.stop(), ofKind.stop()]);
    expect(ofKind.events.map((event) => event.subject)).toEqual([other, subject]);
  });

  it('ends when the signal fires, also when it fired before', async () => {
    const collector = collectEvents(given());
    await collector.stop();
    for await (const event of given().subscribe({}, AbortSignal.abort())) expect.unreachable(event.id);
  });

  it('ends when the subscriber has enough', async () => {
    const subject = randomUUID();
    const subscription = given().subscribe({ subject }, new AbortController().signal);
    given().publish(buildEvent({ subject }));
    for await (const event of subscription) {
      expect(event.subject).toBe(subject);
      break;
    }
  });
}

function describeClosing(open: () => EventBus | Promise<EventBus>): void {
  it('ends its subscriptions and says that it is closed', async () => {
    const bus = await open();
    const collector = collectEvents(bus);
    await bus.close();
    await collector.stop();
    expect(bus.status()).toBe('closed');
  });

  it('refuses to send, as where the sender has given up', async () => {
    const bus = await open();
    await expect(bus.send(buildEvent(), AbortSignal.abort())).rejects.toMatchObject({ kind: 'cancelled' });
    await bus.close();
    await expect(bus.send(buildEvent(), new AbortController().signal)).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('is quiet about what is published afterwards and about being closed twice', async () => {
    const bus = await open();
    await bus.close();
    expect(() => bus.publish(buildEvent())).not.toThrow();
    await bus.close();
  });
}
