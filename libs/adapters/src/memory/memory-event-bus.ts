import { type BitwrightEvent, cancelledError, type EventBus, type EventFilter } from '@bitwright/core';
import { EventQueue } from './event-queue.js';

type Subscription = { readonly filter: EventFilter; readonly queue: EventQueue };

/** Events inside one process: given to those who are subscribed, kept nowhere. */
export class MemoryEventBus implements EventBus {
  readonly #subscriptions = new Set<Subscription>();
  #isClosed = false;

  publish(event: BitwrightEvent): void {
    if (this.#isClosed) return;
    for (const { filter, queue } of this.#subscriptions) if (isWanted(event, filter)) queue.push(event);
  }

  async send(event: BitwrightEvent, signal: AbortSignal): Promise<void> {
    if (this.#isClosed || signal.aborted) throw cancelledError('the event bus is closed');
    this.publish(event);
  }

  subscribe(filter: EventFilter, signal: AbortSignal): AsyncIterable<BitwrightEvent> {
    const queue = new EventQueue();
    const subscription = { filter, queue };
    if (this.#isClosed || signal.aborted) queue.stop();
    else this.#subscriptions.add(subscription);
    signal.addEventListener('abort', () => queue.stop(), { once: true });
    queue.onStop(() => this.#subscriptions.delete(subscription));
    return queue;
  }

  status(): 'connected' | 'closed' {
    return this.#isClosed ? 'closed' : 'connected';
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { queue } of this.#subscriptions) queue.finish();
  }
}

/** Whether a subscriber with this filter asked for this event. */
function isWanted(event: BitwrightEvent, filter: EventFilter): boolean {
  const ofKind = filter.kind === undefined || filter.kind === event.kind;
  return ofKind && (filter.subject === undefined || filter.subject === event.subject);
}
