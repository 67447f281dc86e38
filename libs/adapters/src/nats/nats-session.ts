import { connect, type JetStreamClient, type JetStreamManager, type NatsConnection, NatsError } from 'nats';
import { type EventStreamLimits, ensureEventStream, nextSequence } from './event-stream.js';
import type { NatsLogin } from './nats-url.js';
import type { OutboxEntry } from './outbox.js';

const CONNECT_TIMEOUT_MS = 2_000;
const ACKNOWLEDGEMENT_TIMEOUT_MS = 5_000;
const PING_INTERVAL_MS = 10_000;

/** One connection, from the moment when the stream is known to be there until it is lost or closed: it never comes back. */
export class NatsSession {
  readonly client: JetStreamClient;
  /** Resolves when the connection is gone. */
  readonly ended: Promise<void>;
  /** The sequence number that the next event had when the session began. */
  readonly firstSequence: number;
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #tasks = new Set<Promise<void>>();
  #failure: unknown;

  private constructor(connection: NatsConnection, manager: JetStreamManager, firstSequence: number) {
    this.#connection = connection;
    this.#manager = manager;
    this.firstSequence = firstSequence;
    this.client = connection.jetstream();
    this.ended = connection.closed().then((error) => {
      this.#failure ??= error ?? undefined;
    });
  }

  /** Rejects within some seconds when there is no server, no JetStream, or no way in. */
  static async open(login: NatsLogin, limits: EventStreamLimits): Promise<NatsSession> {
    const connection = await connect({
      ...login,
      name: 'bitwright',
      // the bus makes a new session instead: one that comes back by itself would not look for its stream again
      reconnect: false,
      timeout: CONNECT_TIMEOUT_MS,
      pingInterval: PING_INTERVAL_MS,
    });
    try {
      const manager = await connection.jetstreamManager();
      await ensureEventStream(manager, limits);
      return new NatsSession(connection, manager, await nextSequence(manager));
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  get hasEnded(): boolean {
    return this.#connection.isClosed();
  }

  /** The sequence number that the next event will have. */
  nextSequence(): Promise<number> {
    return nextSequence(this.#manager);
  }

  /** Resolves when the stream has the entry; `refused` when it never will, whatever the connection. */
  async send({ id, subject, payload }: OutboxEntry): Promise<'sent' | 'refused'> {
    try {
      await this.client.publish(subject, payload, { msgID: id, timeout: ACKNOWLEDGEMENT_TIMEOUT_MS });
      return 'sent';
    } catch (error) {
      if (error instanceof NatsError && error.code === 'MAX_PAYLOAD_EXCEEDED') return 'refused';
      throw error;
    }
  }

  /** Work that belongs to the session: when it fails, the session ends. */
  run(task: Promise<void>): void {
    const guarded = task.catch((error: unknown) => {
      this.#failure ??= error;
      return this.close();
    });
    this.#tasks.add(guarded);
    void guarded.finally(() => this.#tasks.delete(guarded));
  }

  /** Waits for the end of the session and of its work; gives the reason. */
  async finished(): Promise<string> {
    await this.ended;
    await Promise.all(this.#tasks);
    return this.#failure instanceof Error ? this.#failure.message : 'the connection was closed';
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
