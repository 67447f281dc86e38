import { setTimeout as sleep } from 'node:timers/promises';
import { encodeEvent } from '@bitwright/contracts';
import {
  type BitwrightError,
  type BitwrightEvent,
  cancelledError,
  type EventBus,
  type EventFilter,
} from '@bitwright/core';
import { DEFAULT_STREAM_LIMITS, type EventStreamLimits } from './event-stream.js';
import { keepSessions } from './keep-sessions.js';
import { NatsSession } from './nats-session.js';
import { parseNatsUrl } from './nats-url.js';
import { Outbox, type OutboxEntry } from './outbox.js';
import { subjectOf } from './subjects.js';
import { Subscription } from './subscription.js';

/** Events kept while there is no connection, some 300 bytes each. Beyond it the oldest are dropped. */
export const DEFAULT_OUTBOX_EVENTS = 10_000;

export type NatsEventBusOptions = {
  /** `nats://[user:password@|token@]host:port`, several of a cluster separated by commas; `tls://` encrypts. */
  readonly url: string;
  /** What the stream keeps, if this bus is the one to create it. */
  readonly limits?: Partial<EventStreamLimits>;
  /** Default {@link DEFAULT_OUTBOX_EVENTS}. */
  readonly outboxEvents?: number;
  /** Told when the connection is made or lost and when an event had to be dropped. Holds no credentials. */
  readonly onNotice?: (message: string) => void;
};

const CLOSE_TIMEOUT_MS = 3_000;

/**
 * Events on a NATS server with JetStream, published on `bitwright.v1.<entity>.<subject>.<event>` with the event's id
 * as message id. Resolves after the first attempt to connect, whether it succeeded or not, and goes on trying for
 * ever. Throws `invalid_argument` for a URL it cannot read.
 */
export async function connectNatsEventBus(options: NatsEventBusOptions): Promise<EventBus> {
  const { url, limits, outboxEvents = DEFAULT_OUTBOX_EVENTS, onNotice = () => undefined } = options;
  const login = parseNatsUrl(url);
  const streamLimits = { ...DEFAULT_STREAM_LIMITS, ...limits };
  const bus = new NatsEventBus(() => NatsSession.open(login, streamLimits), new Outbox(outboxEvents), onNotice);
  await bus.connect(login.servers.join(', '));
  return bus;
}

class NatsEventBus implements EventBus {
  readonly #open: () => Promise<NatsSession>;
  readonly #outbox: Outbox;
  readonly #notify: (message: string) => void;
  readonly #subscriptions = new Set<Subscription>();
  readonly #closed = new AbortController();
  #session: NatsSession | undefined;
  /** Resolves when every subscription knows where it starts: nothing is sent before. */
  #positioned: Promise<unknown> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(open: () => Promise<NatsSession>, outbox: Outbox, notify: (message: string) => void) {
    this.#open = open;
    this.#outbox = outbox;
    this.#notify = notify;
  }

  /** Resolves after the first attempt. */
  connect(servers: string): Promise<void> {
    const { attempted, ended } = keepSessions({
      ...{ servers, open: this.#open, onOpen: (session: NatsSession) => this.#begin(session) },
      ...{ onNotice: this.#notify, meanwhile: 'events are kept', signal: this.#closed.signal },
    });
    this.#running = ended;
    return attempted;
  }

  publish(event: BitwrightEvent): void {
    if (this.#closing !== undefined) return;
    const droppedBefore = this.#outbox.dropped;
    const entry = this.#entryOf(event);
    if (entry !== undefined) this.#outbox.push(entry);
    const isFirstDrop = droppedBefore === 0 && this.#outbox.dropped > 0;
    if (isFirstDrop) this.#notify('too many events wait for NATS: the oldest are dropped from now on');
  }

  async send(event: BitwrightEvent, signal: AbortSignal): Promise<void> {
    if (this.#closing !== undefined || signal.aborted) throw cancelledError('the event bus is closed');
    const entry = this.#entryOf(event);
    if (entry === undefined) return;
    const signals = [signal, this.#closed.signal];
    await new Promise<void>((resolve, reject) => {
      const settle = (end: () => void) => {
        for (const given of signals) given.removeEventListener('abort', giveUp);
        end();
      };
      const waiting = { ...entry, onSent: () => settle(resolve) };
      const giveUp = () => {
        this.#outbox.remove(waiting);
        settle(() => reject(cancelledError('the event was not sent')));
      };
      for (const given of signals) given.addEventListener('abort', giveUp);
      this.#outbox.push(waiting);
    });
  }

  subscribe(filter: EventFilter, signal: AbortSignal): AsyncIterable<BitwrightEvent> {
    const subscription: Subscription = new Subscription(filter, () => this.#subscriptions.delete(subscription));
    const { queue } = subscription;
    if (this.#closing !== undefined || signal.aborted) queue.stop();
    else this.#add(subscription);
    signal.addEventListener('abort', () => queue.stop(), { once: true });
    return queue;
  }

  status(): 'connected' | 'disconnected' | 'closed' {
    if (this.#closed.signal.aborted) return 'closed';
    return this.#session?.hasEnded === false ? 'connected' : 'disconnected';
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const isLate = sleep(CLOSE_TIMEOUT_MS, true, { ref: false });
    while (this.#outbox.peek() !== undefined) {
      if ((await Promise.race([isLate, this.#outbox.change()])) === true) break;
    }
    this.#closed.abort();
    for (const { queue } of this.#subscriptions) queue.finish();
    await this.#session?.close();
    await this.#running;
  }

  /** Undefined, with a notice, for an event that cannot be encoded. */
  #entryOf(event: BitwrightEvent): OutboxEntry | undefined {
    try {
      return { id: event.id, subject: subjectOf(event), payload: encodeEvent(event) };
    } catch {
      this.#notify(`an event ${event.kind} cannot be encoded and is dropped`);
      return undefined;
    }
  }

  #add(subscription: Subscription): void {
    this.#subscriptions.add(subscription);
    const session = this.#session;
    if (session === undefined || session.hasEnded) return;
    const positioning = session.nextSequence().then((sequence) => subscription.startAt(sequence));
    this.#positioned = Promise.allSettled([this.#positioned, positioning]);
    session.run(positioning.then(() => subscription.follow(session, this.#refuse)));
  }

  /** In one go, so that no subscription and no event comes between. */
  #begin(session: NatsSession): void {
    this.#session = session;
    this.#positioned = Promise.resolve();
    for (const subscription of this.#subscriptions) {
      subscription.startAt(session.firstSequence);
      session.run(subscription.follow(session, this.#refuse));
    }
    session.run(this.#send(session));
    if (this.#closed.signal.aborted) session.run(session.close());
  }

  /** One after the other, each acknowledged before the next: that is what keeps the order over a lost connection. */
  async #send(session: NatsSession): Promise<void> {
    // Once: to race against the end at each wait would leave a reaction there for as long as the session lasts.
    void session.ended.then(() => this.#outbox.wake());
    for (;;) {
      const positioned = this.#positioned;
      await positioned;
      if (session.hasEnded) return;
      const entry = this.#outbox.peek();
      if (entry === undefined) {
        await this.#outbox.change();
      } else if (positioned === this.#positioned) {
        const outcome = await session.send(entry);
        if (outcome === 'refused') this.#notify(`an event on ${entry.subject} is too large for NATS and is dropped`);
        this.#outbox.remove(entry);
        entry.onSent?.();
      }
    }
  }

  readonly #refuse = (error: BitwrightError): void => {
    this.#notify(`a message on NATS is no event and is left out (${error.message})`);
  };
}
