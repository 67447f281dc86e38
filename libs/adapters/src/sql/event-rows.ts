import { type BitwrightEvent, type EventKind, TERMINAL_EVENTS } from '@bitwright/core';
import type { SqlRow, SqlSession } from './database.js';

const INSERT_EVENT = `INSERT INTO bitwright.events (id, kind, subject, time, attributes) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (id) DO NOTHING`;

/** In the order of `classOf`. */
const DROP_EVENTS = `DELETE FROM bitwright.events WHERE position IN (
  SELECT position FROM bitwright.events
  ORDER BY CASE WHEN kind LIKE 'trial.%' THEN 0 WHEN kind IN (${TERMINAL_EVENTS.map((kind) => `'${kind}'`)}) THEN 2 ELSE 1 END, position
  LIMIT greatest(0, (SELECT count(*) FROM bitwright.events) - $1)) RETURNING position`;

/** Stores events inside a transaction; tells how many had to be dropped for them. */
export async function insertEvents(
  session: SqlSession,
  events: readonly BitwrightEvent[],
  limit: number,
): Promise<number> {
  for (const { id, kind, subject, time, attributes } of events)
    await session.query(INSERT_EVENT, [id, kind, subject, new Date(time), JSON.stringify(attributes)]);
  return events.length === 0 ? 0 : (await session.query(DROP_EVENTS, [limit])).length;
}

export function toEvent(row: SqlRow): BitwrightEvent {
  return {
    id: row['id'] as string,
    kind: row['kind'] as EventKind,
    subject: row['subject'] as string,
    time: (row['time'] as Date).getTime(),
    attributes: row['attributes'] as BitwrightEvent['attributes'],
  };
}
