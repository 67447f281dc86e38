import type { EventBus } from '@bitwright/core';
import { MemoryEventBus } from './memory/memory-event-bus.js';
import { connectNatsEventBus } from './nats/nats-event-bus.js';

/** The bus of a NATS server when there is a URL, one in memory otherwise. `onNotice` is told of connections made and lost. */
export async function openEventBus(url: string | undefined, onNotice: (message: string) => void): Promise<EventBus> {
  return url === undefined ? new MemoryEventBus() : connectNatsEventBus({ url, onNotice });
}
