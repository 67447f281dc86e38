import type { Clock } from '../ports/clock.js';
import type { EventBus } from '../ports/event-bus.js';
import type { EventOutbox } from '../ports/event-outbox.js';

export type EventRelayPorts = {
  readonly store: EventOutbox;
  readonly events: EventBus;
  readonly clock: Clock;
};

const EVENTS_AT_ONCE = 100;
/** Where the store is away, ms. */
const PAUSE_MS = 1_000;
/** What waits at the end has so long to go out, ms; what does not is sent at the next start. */
const CLOSE_MS = 3_000;

/**
 * Brings stored events to the bus, one after the other, and removes those that it has. A process that dies in between
 * sends some again, with the same ids: delivery is at least once, and in the order of their storing.
 */
export class EventRelay {
  readonly #ports: EventRelayPorts;
  readonly #closing = new AbortController();
  #hasNews = false;
  #relaying: Promise<void> | undefined;

  constructor(ports: EventRelayPorts) {
    this.#ports = ports;
  }

  /** Something was stored, or may have been. */
  wake(): void {
    this.#hasNews = true;
    if (!this.#closing.signal.aborted) this.#relaying ??= this.#relay();
  }

  /** Sends what waits if the bus takes it now, and stops. */
  async close(): Promise<void> {
    const { events, clock } = this.#ports;
    const { signal } = this.#closing;
    if (events.status() === 'connected' && this.#relaying !== undefined)
      await Promise.race([this.#relaying, clock.sleep(CLOSE_MS, signal).catch(() => undefined)]);
    this.#closing.abort();
    await this.#relaying;
  }

  async #relay(): Promise<void> {
    const { signal } = this.#closing;
    while (this.#hasNews && !signal.aborted) {
      this.#hasNews = false;
      try {
        while ((await this.#sendSome()) === EVENTS_AT_ONCE) signal.throwIfAborted();
      } catch {
        this.#hasNews = true;
        await this.#ports.clock.sleep(PAUSE_MS, signal).catch(() => undefined);
      }
    }
    this.#relaying = undefined;
  }

  /** How many there were. */
  async #sendSome(): Promise<number> {
    const { store, events } = this.#ports;
    const waiting = await store.unsentEvents(EVENTS_AT_ONCE);
    const sent: string[] = [];
    try {
      for (const event of waiting) {
        await events.send(event, this.#closing.signal);
        sent.push(event.id);
      }
    } finally {
      if (sent.length > 0) await store.removeEvents(sent);
    }
    return waiting.length;
  }
}
