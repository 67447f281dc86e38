import {
  type ArtifactReferences,
  type BitwrightEvent,
  MAXIMUM_STORED_EVENTS,
  type Measurement,
  type SearchFilter,
  type SearchPage,
  type SearchRecord,
  type SearchRequest,
  type SearchStore,
  type Trial,
} from '@bitwright/core';
import { digestsIn } from '../search-store/artifact-digests.js';
import { assertPageSize, formatPageToken, parsePageToken } from '../search-store/page-token.js';
import { assertTrialsOf, sameRequest, searchIdTaken, searchNotFound, storeClosed } from '../search-store/refusals.js';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './database.js';
import { insertEvents, toEvent } from './event-rows.js';
import {
  SEARCH_COLUMNS,
  searchValues,
  TRIAL_COLUMNS,
  toJson,
  toSearchRecord,
  toTrial,
  trialValues,
} from './search-rows.js';

const TRIAL_PLACEHOLDERS = TRIAL_COLUMNS.split(', ').map((_, index) => `$${index + 1}`);

const INSERT_SEARCH = `INSERT INTO bitwright.searches (${SEARCH_COLUMNS})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING ${SEARCH_COLUMNS}`;

const INSERT_TRIAL = `INSERT INTO bitwright.trials (${TRIAL_COLUMNS})
  VALUES (${TRIAL_PLACEHOLDERS.join(', ')}) ON CONFLICT (search_id, trial_index) DO NOTHING RETURNING trial_index`;

const SAVE_SNAPSHOT = `INSERT INTO bitwright.snapshots (search_id, content) VALUES ($1, $2)
  ON CONFLICT (search_id) DO UPDATE SET content = excluded.content`;

const SAVE_REPORT = `INSERT INTO bitwright.reports (search_id, report) VALUES ($1, $2)
  ON CONFLICT (search_id) DO UPDATE SET report = excluded.report`;

const SAVE_BASIS = `INSERT INTO bitwright.policy_bases (search_id, basis) VALUES ($1, $2)
  ON CONFLICT (search_id) DO UPDATE SET basis = excluded.basis`;

const REFER_TO = `INSERT INTO bitwright.search_artifacts (search_id, digest) VALUES ($1, $2) ON CONFLICT DO NOTHING`;

const REFERRED_TO_ALONE = `SELECT digest FROM bitwright.search_artifacts own WHERE search_id = $1 AND NOT EXISTS
  (SELECT 1 FROM bitwright.search_artifacts other WHERE other.digest = own.digest AND other.search_id <> $1)`;

const SAVE_SECONDS = `INSERT INTO bitwright.measurements (search_id, seconds) VALUES ($1, $2)
  ON CONFLICT (search_id) DO UPDATE SET seconds = excluded.seconds`;

const ADD_LINES = `INSERT INTO bitwright.measured_lines (search_id, line)
  SELECT $1::text, line FROM json_array_elements_text($2::json) WITH ORDINALITY AS given (line, place) ORDER BY place`;

/** What belongs to a search, before the search itself. */
const BELONGINGS = [
  ...['search_artifacts', 'trials', 'snapshots', 'measured_lines', 'measurements', 'policy_bases', 'reports'],
];

/** `failure` is written when it is given, be it as "none"; the rest when it is not null. */
const UPDATE_SEARCH = `UPDATE bitwright.searches SET
    state = coalesce($2, state), phase = coalesce($3, phase), updated_at = coalesce($4, updated_at),
    failure = CASE WHEN $5 THEN $6::json ELSE failure END
  WHERE id = $1 RETURNING ${SEARCH_COLUMNS}`;

const LIST_SEARCHES = `SELECT ${SEARCH_COLUMNS}, sort_order FROM bitwright.searches
  WHERE ($1::text IS NULL OR state = $1)
    AND ($2::timestamptz IS NULL OR (created_at, sort_order) < ($2, $3::bigint))
  ORDER BY created_at DESC, sort_order DESC LIMIT $4`;

export type SqlSearchStoreOptions = {
  /** Events that it keeps unsent at most. @default MAXIMUM_STORED_EVENTS */
  readonly eventLimit?: number | undefined;
  /** Told when events had to be dropped for the first time. */
  readonly onNotice?: ((notice: string) => void) | undefined;
};

/** Searches in PostgreSQL. Times are kept to the millisecond. Owns the database: `close` closes it. */
export class SqlSearchStore implements SearchStore {
  readonly #database: SqlDatabase;
  readonly #eventLimit: number;
  readonly #notify: (notice: string) => void;
  #hasDropped = false;
  #isClosed = false;

  constructor(database: SqlDatabase, options: SqlSearchStoreOptions = {}) {
    this.#database = database;
    this.#eventLimit = options.eventLimit ?? MAXIMUM_STORED_EVENTS;
    this.#notify = options.onNotice ?? (() => undefined);
  }

  async create(record: SearchRecord, events: readonly BitwrightEvent[] = []): Promise<SearchRecord> {
    const created = await this.#transaction(async (session) => {
      const [row] = await session.query(INSERT_SEARCH, searchValues(record));
      if (row === undefined) return undefined;
      await referTo(session, record.id, digestsIn(JSON.stringify(record.spec)));
      await this.#keep(session, events);
      return toSearchRecord(row);
    });
    if (created !== undefined) return created;
    const known = await this.findByRequest(record);
    if (known === undefined) throw searchIdTaken(record.id);
    return known;
  }

  async findByRequest(request: SearchRequest): Promise<SearchRecord | undefined> {
    const text = `SELECT ${SEARCH_COLUMNS} FROM bitwright.searches WHERE request_id = $1`;
    const [row] = await this.#query(text, [request.requestId]);
    return row && sameRequest(toSearchRecord(row), request);
  }

  async get(searchId: string): Promise<SearchRecord> {
    const [row] = await this.#query(`SELECT ${SEARCH_COLUMNS} FROM bitwright.searches WHERE id = $1`, [searchId]);
    if (row === undefined) throw searchNotFound(searchId);
    return toSearchRecord(row);
  }

  async list(filter: SearchFilter, pageSize: number, pageToken?: string): Promise<SearchPage> {
    assertPageSize(pageSize);
    const after = pageToken === undefined ? undefined : parsePageToken(pageToken, filter);
    const position = after === undefined ? [null, null] : [new Date(after.createdAt), after.order];
    // one more than the page holds tells whether there is another page
    const rows = await this.#query(LIST_SEARCHES, [filter.state ?? null, ...position, pageSize + 1]);
    const page = rows.slice(0, pageSize);
    const searches = page.map(toSearchRecord);
    const last = rows.length > pageSize ? page.at(-1) : undefined;
    const createdAt = searches.at(-1)?.createdAt ?? 0;
    const order = Number(last?.['sort_order']);
    return { searches, nextPageToken: last && formatPageToken({ createdAt, order }, filter) };
  }

  async update(
    searchId: string,
    change: Parameters<SearchStore['update']>[1],
    events: readonly BitwrightEvent[] = [],
  ): Promise<SearchRecord> {
    const { state, phase, updatedAt, failure } = change;
    const time = updatedAt === undefined ? null : new Date(updatedAt);
    const values = [searchId, state ?? null, phase ?? null, time, 'failure' in change, toJson(failure)];
    return this.#transaction(async (session) => {
      const [row] = await session.query(UPDATE_SEARCH, values);
      if (row === undefined) throw searchNotFound(searchId);
      await this.#keep(session, events);
      return toSearchRecord(row);
    });
  }

  async delete(searchId: string, events: readonly BitwrightEvent[] = []): Promise<readonly string[]> {
    return this.#transaction(async (session) => {
      const freed = await session.query(REFERRED_TO_ALONE, [searchId]);
      for (const table of BELONGINGS)
        await session.query(`DELETE FROM bitwright.${table} WHERE search_id = $1`, [searchId]);
      const removed = await session.query('DELETE FROM bitwright.searches WHERE id = $1 RETURNING id', [searchId]);
      if (removed.length > 0) await this.#keep(session, events);
      return freed.map(digestOf);
    });
  }

  async artifacts(): Promise<ArtifactReferences> {
    const [identity] = await this.#query('SELECT id FROM bitwright.identity', []);
    const rows = await this.#query('SELECT DISTINCT digest FROM bitwright.search_artifacts', []);
    return { storeId: identity?.['id'] as string, digests: new Set(rows.map(digestOf)) };
  }

  async addTrials(
    searchId: string,
    trials: readonly Trial[],
    snapshot: Uint8Array | undefined,
    events: readonly BitwrightEvent[] = [],
  ): Promise<void> {
    assertTrialsOf(searchId, trials);
    await this.#write(searchId, async (session) => {
      let added = 0;
      for (const trial of trials) added += (await session.query(INSERT_TRIAL, trialValues(trial))).length;
      const checkpoints = trials.flatMap(({ checkpointDigest }) => checkpointDigest ?? []);
      await referTo(session, searchId, checkpoints);
      if (snapshot !== undefined) await session.query(SAVE_SNAPSHOT, [searchId, snapshot]);
      if (added > 0) await this.#keep(session, events);
    });
  }

  async trials(searchId: string, fromIndex = 0, count?: number): Promise<readonly Trial[]> {
    const text = `SELECT ${TRIAL_COLUMNS} FROM bitwright.trials
      WHERE search_id = $1 AND trial_index >= $2 ORDER BY trial_index LIMIT $3`;
    return (await this.#query(text, [searchId, fromIndex, count ?? null])).map(toTrial);
  }

  async snapshot(searchId: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#query('SELECT content FROM bitwright.snapshots WHERE search_id = $1', [searchId]);
    return row && Uint8Array.from(row['content'] as Uint8Array);
  }

  async addMeasured(searchId: string, { lines, seconds }: Measurement): Promise<void> {
    await this.#write(searchId, async (session) => {
      if (lines.length > 0) await session.query(ADD_LINES, [searchId, JSON.stringify(lines)]);
      await session.query(SAVE_SECONDS, [searchId, seconds]);
    });
  }

  async measured(searchId: string): Promise<Measurement> {
    const [taken] = await this.#query('SELECT seconds FROM bitwright.measurements WHERE search_id = $1', [searchId]);
    const text = 'SELECT line FROM bitwright.measured_lines WHERE search_id = $1 ORDER BY position';
    const lines = await this.#query(text, [searchId]);
    return {
      lines: lines.map((row) => row['line'] as string),
      seconds: (taken?.['seconds'] as number | undefined) ?? 0,
    };
  }

  async saveBasis(searchId: string, basis: string): Promise<void> {
    await this.#write(searchId, async (session) => {
      await session.query(SAVE_BASIS, [searchId, basis]);
      for (const table of ['measured_lines', 'measurements'])
        await session.query(`DELETE FROM bitwright.${table} WHERE search_id = $1`, [searchId]);
    });
  }

  async basis(searchId: string): Promise<string | undefined> {
    const [row] = await this.#query('SELECT basis FROM bitwright.policy_bases WHERE search_id = $1', [searchId]);
    return row?.['basis'] as string | undefined;
  }

  async saveReport(searchId: string, report: string): Promise<void> {
    await this.#write(searchId, async (session) => {
      await session.query(SAVE_REPORT, [searchId, report]);
      await referTo(session, searchId, digestsIn(report));
    });
  }

  async report(searchId: string): Promise<string | undefined> {
    const [row] = await this.#query('SELECT report FROM bitwright.reports WHERE search_id = $1', [searchId]);
    return row?.['report'] as string | undefined;
  }

  async unsentEvents(count: number): Promise<readonly BitwrightEvent[]> {
    const text = 'SELECT id, kind, subject, time, attributes FROM bitwright.events ORDER BY position LIMIT $1';
    return (await this.#query(text, [count])).map(toEvent);
  }

  async removeEvents(ids: readonly string[]): Promise<void> {
    const text = 'DELETE FROM bitwright.events WHERE id IN (SELECT json_array_elements_text($1::json))';
    await this.#query(text, [JSON.stringify(ids)]);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#database.close();
  }

  /** One transaction for a search that exists. */
  async #write(searchId: string, work: (session: SqlSession) => Promise<unknown>): Promise<void> {
    await this.#transaction(async (session) => {
      const found = await session.query('SELECT 1 FROM bitwright.searches WHERE id = $1', [searchId]);
      if (found.length === 0) throw searchNotFound(searchId);
      await work(session);
    });
  }

  async #keep(session: SqlSession, events: readonly BitwrightEvent[]): Promise<void> {
    const dropped = await insertEvents(session, events, this.#eventLimit);
    if (dropped === 0 || this.#hasDropped) return;
    this.#hasDropped = true;
    this.#notify(`more than ${this.#eventLimit} events wait to be sent: those of trials are dropped first from now on`);
  }

  async #transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    this.#assertOpen();
    return this.#database.transaction(work);
  }

  async #query(text: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    this.#assertOpen();
    return this.#database.query(text, values);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storeClosed();
  }
}

async function referTo(session: SqlSession, searchId: string, digests: readonly string[]): Promise<void> {
  for (const digest of digests) await session.query(REFER_TO, [searchId, digest]);
}

const digestOf = (row: SqlRow) => row['digest'] as string;
