import { randomUUID } from 'node:crypto';
import type { SqlDatabase, SqlSession } from './database.js';
import { databaseInUse } from './database-lock.js';

/** Says which agent a database is of, and lets only that one write. */
export type AgentFence = {
  /** The database is this agent's from now on. */
  claim(session: SqlSession): Promise<void>;
  /** The same database, whose transactions throw `failed_precondition` `DATABASE_IN_USE` once another agent has claimed it. */
  fenced(database: SqlDatabase): SqlDatabase;
};

const CLAIM = 'UPDATE bitwright.identity SET agent = $1';
/** Held to the end of the transaction: a claim waits for what has begun. */
const IS_OURS = 'SELECT 1 FROM bitwright.identity WHERE agent = $1 FOR SHARE';

/**
 * A lock is lost with its connection, and whoever had it hears of that too late: what an agent still writes then would mix
 * with what its successor writes.
 */
export function createAgentFence(where: string): AgentFence {
  const agent = randomUUID();
  return {
    claim: async (session) => void (await session.query(CLAIM, [agent])),
    fenced: (database) => ({
      query: database.query.bind(database),
      close: database.close.bind(database),
      transaction: (work) =>
        database.transaction(async (session) => {
          if ((await session.query(IS_OURS, [agent])).length === 0) throw databaseInUse(where);
          return work(session);
        }),
    }),
  };
}
