import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './database.js';
import { toDatabaseError } from './database-error.js';
import { redactUrl } from './store-url.js';

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/** How much later than the server's own refusal of a long statement no answer is taken for none to come. */
const ANSWER_MARGIN_MS = 5_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/**
 * A restart of the server is waited out; a longer absence is the caller's to handle, and so is what took longer than a
 * statement may. All statements may be repeated.
 */
const RETRY_DELAYS_MS = [100, 200, 400, 800, 1_600, 3_200];

/** A PostgreSQL server (12 or newer) by its URL. Throws `unavailable` after some seconds without it, or without an answer. */
export function openServerDatabase(url: string, statementTimeoutMs = STATEMENT_TIMEOUT_MS): SqlDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'bitwright',
    max: 4,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  });
  // A connection that the server ends is replaced at the next call, or fails the next statement of its transaction; the
  // event itself, unheard, would end the process: of idle connections the pool has it, of those in use they themselves.
  const ignore = () => undefined;
  pool.on('error', ignore);
  pool.on('connect', (client) => client.on('error', ignore));
  return new ServerDatabase(pool, `the database ${redactUrl(url)}`, statementTimeoutMs);
}

class ServerDatabase implements SqlDatabase {
  readonly #pool: pg.Pool;
  readonly #where: string;
  readonly #longestMs: number;

  /** Nothing is begun again later than `longestMs`. */
  constructor(pool: pg.Pool, where: string, longestMs: number) {
    this.#pool = pool;
    this.#where = where;
    this.#longestMs = longestMs;
  }

  async query(text: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    return this.#repeat(() => send(this.#pool, text, values));
  }

  async transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#repeat(() => this.#transactOnce(work));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #transactOnce<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let failure: unknown;
    try {
      await client.query('BEGIN');
      const result = await work({ query: (text, values = []) => send(client, text, values) });
      await client.query('COMMIT');
      return result;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      // a connection in an unknown state is not used again: its end rolls back, without an answer to wait for
      client.release(failure !== undefined);
    }
  }

  async #repeat<T>(work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await work();
      } catch (cause) {
        const error = toDatabaseError(cause, this.#where);
        const delayMs = RETRY_DELAYS_MS[attempt];
        const isPassing = error.kind === 'unavailable' || error.kind === 'aborted';
        const isLate = performance.now() - startedAt > this.#longestMs;
        if (!isPassing || isLate || delayMs === undefined) throw error;
        await sleep(delayMs * (0.5 + Math.random()));
      }
    }
  }
}

async function send(
  to: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly SqlValue[],
): Promise<readonly SqlRow[]> {
  return (await to.query<SqlRow>(text, [...values])).rows;
}
