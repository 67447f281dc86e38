import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type NatsConnection, type Subscription } from 'nats';
import { type KeptSessions, keepSessions } from './keep-sessions.js';
import { type NatsLogin, parseNatsUrl } from './nats-url.js';

export type PresenceLinkOptions = {
  /** As for the event bus. */
  readonly url: string;
  /** The subject to listen on, and who hears what is published there. */
  readonly subject: string;
  readonly onMessage: (payload: Uint8Array, link: PresenceLink) => void;
  /** Called at the beginning of each connection, the first one before `open` resolves. */
  readonly onConnect: (link: PresenceLink) => void;
  readonly onNotice: (message: string) => void;
  /** What happens while there is no connection, for notices. */
  readonly meanwhile: string;
};

const CONNECT_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** A server that vanished without a word is noticed after two or three of these. */
const PING_INTERVAL_MS = 2_000;

/** Core NATS for what is true now and worth nothing later: what cannot be sent at once is dropped. Connects for ever. */
export class PresenceLink {
  readonly #closed = new AbortController();
  readonly #sessions: KeptSessions;
  #connection: NatsConnection | undefined;

  private constructor(options: PresenceLinkOptions) {
    const login = parseNatsUrl(options.url);
    const { onNotice, meanwhile } = options;
    this.#sessions = keepSessions({
      ...{ servers: login.servers.join(', '), onNotice, meanwhile, signal: this.#closed.signal },
      open: () => openSession(login, options.subject, (payload) => options.onMessage(payload, this)),
      onOpen: ({ connection }) => {
        this.#connection = connection;
        if (this.#closed.signal.aborted) void connection.close();
        else options.onConnect(this);
      },
    });
  }

  /** Resolves after the first attempt, whether it succeeded or not. Throws `invalid_argument` for a URL it cannot read. */
  static async open(options: PresenceLinkOptions): Promise<PresenceLink> {
    const link = new PresenceLink(options);
    await link.#sessions.attempted;
    return link;
  }

  get isConnected(): boolean {
    return this.#connection?.isClosed() === false;
  }

  publish(subject: string, payload?: Uint8Array): void {
    if (this.isConnected) this.#connection?.publish(subject, payload);
  }

  /** Sends what was published, waiting at most two seconds, and closes. */
  async close(): Promise<void> {
    this.#closed.abort();
    if (this.isConnected) {
      const drained = this.#connection?.drain().catch(() => undefined);
      await Promise.race([drained, sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    }
    await this.#connection?.close();
    await this.#sessions.ended;
  }
}

type OnMessage = (payload: Uint8Array) => void;
type Session = { readonly connection: NatsConnection; finished(): Promise<string> };

async function openSession(login: NatsLogin, subject: string, onMessage: OnMessage): Promise<Session> {
  const connection = await connect({
    ...login,
    name: 'bitwright-presence',
    reconnect: false,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
  });
  let failure: unknown;
  const listening = listen(connection.subscribe(subject), onMessage).catch((error: unknown) => {
    // as where the server does not let us listen there
    failure = error;
    return connection.close();
  });
  const finished = async () => {
    failure = (await connection.closed()) ?? failure;
    await listening;
    return failure instanceof Error ? failure.message : 'the connection was closed';
  };
  return { connection, finished };
}

async function listen(subscription: Subscription, onMessage: OnMessage): Promise<void> {
  for await (const { data } of subscription) onMessage(data);
}
