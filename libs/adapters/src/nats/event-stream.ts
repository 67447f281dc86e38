import { DiscardPolicy, type JetStreamManager, NatsError, nanos, RetentionPolicy, StorageType } from 'nats';
import { ALL_EVENTS, EVENT_STREAM } from './subjects.js';

/** How much the stream keeps; the oldest goes first. */
export type EventStreamLimits = {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** Copies in a cluster of servers, 1..5. */
  readonly replicas: number;
};

/** Seven days, 256 MiB, one copy. */
export const DEFAULT_STREAM_LIMITS: EventStreamLimits = {
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxBytes: 256 * 1024 ** 2,
  replicas: 1,
};

/** Within this time the server drops a repeat of an event, as after a lost acknowledgement. */
const DUPLICATE_WINDOW_MS = 60 * 60 * 1000;

const STREAM_NOT_FOUND = 10059;

/** Creates the stream when it is missing and leaves it alone when it is there: its operator may have tuned it. */
export async function ensureEventStream(manager: JetStreamManager, limits: EventStreamLimits): Promise<void> {
  try {
    await manager.streams.info(EVENT_STREAM);
  } catch (error) {
    if (!(error instanceof NatsError) || error.api_error?.err_code !== STREAM_NOT_FOUND) throw error;
    await createEventStream(manager, limits);
  }
}

/** The sequence number that the next event will have. */
export async function nextSequence(manager: JetStreamManager): Promise<number> {
  const { state } = await manager.streams.info(EVENT_STREAM);
  return state.last_seq + 1;
}

async function createEventStream(manager: JetStreamManager, limits: EventStreamLimits): Promise<void> {
  await manager.streams.add({
    name: EVENT_STREAM,
    description: 'What happened to searches, trials and hardware',
    subjects: [ALL_EVENTS],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(limits.maxAgeMs),
    max_bytes: limits.maxBytes,
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, limits.maxAgeMs)),
    num_replicas: limits.replicas,
  });
}
