import { setTimeout as sleep } from 'node:timers/promises';
import { BitwrightError } from '@bitwright/core';
import pg from 'pg';
import type { SqlSession, SqlValue } from './database.js';
import { redactUrl } from './store-url.js';

type DatabaseLock = { release(): Promise<void> };

export type LockOptions = {
  readonly onNotice: (notice: string) => void;
  /** Called on the session whenever the lock was taken again; where it throws, the lock is tried once more. */
  readonly onTakenAgain: (session: SqlSession) => Promise<void>;
};

/** Any number that no other program takes: whoever holds it runs the database's searches. */
const AGENT_LOCK = 7_741_016_524;

const CONNECT_TIMEOUT_MS = 5_000;
/** An agent that was killed a moment ago may still have its session. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 500;

/**
 * Takes the database of a PostgreSQL server for this process: two agents would both run every search of it. Throws
 * `failed_precondition` `DATABASE_IN_USE` while another one has it. The lock lasts as long as the session of a connection
 * of its own (a pooler between must keep sessions); when that is lost it is taken again, and `onNotice` hears of it.
 */
export async function lockDatabase(url: string, { onNotice, onTakenAgain }: LockOptions): Promise<DatabaseLock> {
  const where = `the database ${redactUrl(url)}`;
  const released = new AbortController();
  let session = await takeWithPatience(url);
  if (session === undefined) throw databaseInUse(where);

  const holdOn = async () => {
    while (session !== undefined) {
      await lost(session);
      if (released.signal.aborted) return;
      onNotice(`the connection that keeps other agents from ${where} was lost`);
      session = await takeAgain(url, released.signal, () =>
        onNotice(`another agent uses ${where} now; stop one of them`),
      );
      if (released.signal.aborted) return session?.end();
      if (session === undefined) continue;
      if (await isClaimed(session, onTakenAgain)) onNotice(`${where} is kept from other agents again`);
      else await session.end().catch(() => undefined);
    }
  };
  const held = holdOn();
  const release = async () => {
    released.abort();
    await session?.end().catch(() => undefined);
    await held;
  };
  return { release };
}

/** A session that has the lock; undefined when another one has it. */
async function take(url: string): Promise<pg.Client | undefined> {
  const session = new pg.Client({
    ...{ connectionString: url, application_name: 'bitwright lock', keepAlive: true },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  // Unheard it would end the process; that the session ended is what counts.
  session.on('error', () => undefined);
  try {
    await session.connect();
    const { rows } = await session.query('SELECT pg_try_advisory_lock($1) AS taken', [AGENT_LOCK]);
    if (rows[0]?.taken === true) return session;
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  }
  await session.end();
  return undefined;
}

async function takeWithPatience(url: string): Promise<pg.Client | undefined> {
  const until = Date.now() + PATIENCE_MS;
  let session = await take(url);
  while (session === undefined && Date.now() < until) {
    await sleep(PAUSE_MS);
    session = await take(url);
  }
  return session;
}

/** Until it has the lock; undefined when the signal fired first. Tells once that another one has it. */
async function takeAgain(url: string, signal: AbortSignal, onTaken: () => void): Promise<pg.Client | undefined> {
  for (let told = false; !signal.aborted; ) {
    const session = await take(url).catch(() => 'away' as const);
    if (session instanceof pg.Client) return session;
    if (session === undefined && !told) {
      told = true;
      onTaken();
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function isClaimed(session: pg.Client, claim: LockOptions['onTakenAgain']): Promise<boolean> {
  const query = async (text: string, values: readonly SqlValue[] = []) => (await session.query(text, [...values])).rows;
  return claim({ query }).then(
    () => true,
    () => false,
  );
}

const lost = (session: pg.Client) => new Promise<void>((resolve) => session.once('end', () => resolve()));

/** `failed_precondition` for a database that another agent has. `where` names it, without a password. */
export function databaseInUse(where: string): BitwrightError {
  const message = `another agent uses ${where}; stop it, or give this one a database of its own`;
  return new BitwrightError('failed_precondition', 'DATABASE_IN_USE', message);
}
