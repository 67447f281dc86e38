import type { SearchFilter, SearchPage, SearchRecord, SearchRequest, SearchStore, Trial } from '@bitwright/core';
import { assertPageSize, formatPageToken, parsePageToken } from '../search-store/page-token.js';
import { assertTrialsOf, sameRequest, searchIdTaken, searchNotFound, storeClosed } from '../search-store/refusals.js';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './database.js';
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
  VALUES (${TRIAL_PLACEHOLDERS.join(', ')}) ON CONFLICT (search_id, trial_index) DO NOTHING`;

const SAVE_SNAPSHOT = `INSERT INTO bitwright.snapshots (search_id, content) VALUES ($1, $2)
  ON CONFLICT (search_id) DO UPDATE SET content = excluded.content`;

const SAVE_REPORT = `INSERT INTO bitwright.reports (search_id, report) VALUES ($1, $2)
  ON CONFLICT (search_id) DO UPDATE SET report = excluded.report`;

const SAVE_BASIS = `INSERT INTO bitwright.policy_bases (search_id, basis) VALUES ($1, $2)
  ON CONFLICT (search_id) DO UPDATE SET basis = excluded.basis`;

/** `failure` is written when it is given, be it as "none"; the rest when it is not null. */
const UPDATE_SEARCH = `UPDATE bitwright.searches SET
    state = coalesce($2, state), phase = coalesce($3, phase), updated_at = coalesce($4, updated_at),
    failure = CASE WHEN $5 THEN $6::json ELSE failure END
  WHERE id = $1 RETURNING ${SEARCH_COLUMNS}`;

const LIST_SEARCHES = `SELECT ${SEARCH_COLUMNS}, sort_order FROM bitwright.searches
  WHERE ($1::text IS NULL OR state = $1)
    AND ($2::timestamptz IS NULL OR (created_at, sort_order) < ($2, $3::bigint))
  ORDER BY created_at DESC, sort_order DESC LIMIT $4`;

/** Searches in PostgreSQL. Times are kept to the millisecond. Owns the database: `close` closes it. */
export class SqlSearchStore implements SearchStore {
  readonly #database: SqlDatabase;
  #isClosed = false;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  async create(record: SearchRecord): Promise<SearchRecord> {
    const [created] = await this.#query(INSERT_SEARCH, searchValues(record));
    if (created !== undefined) return toSearchRecord(created);
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

  async update(searchId: string, change: Parameters<SearchStore['update']>[1]): Promise<SearchRecord> {
    const { state, phase, updatedAt, failure } = change;
    const time = updatedAt === undefined ? null : new Date(updatedAt);
    const values = [searchId, state ?? null, phase ?? null, time, 'failure' in change, toJson(failure)];
    const [row] = await this.#query(UPDATE_SEARCH, values);
    if (row === undefined) throw searchNotFound(searchId);
    return toSearchRecord(row);
  }

  async addTrials(searchId: string, trials: readonly Trial[], snapshot: Uint8Array | undefined): Promise<void> {
    assertTrialsOf(searchId, trials);
    await this.#write(searchId, async (session) => {
      for (const trial of trials) await session.query(INSERT_TRIAL, trialValues(trial));
      if (snapshot !== undefined) await session.query(SAVE_SNAPSHOT, [searchId, snapshot]);
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

  async saveBasis(searchId: string, basis: string): Promise<void> {
    await this.#write(searchId, (session) => session.query(SAVE_BASIS, [searchId, basis]));
  }

  async basis(searchId: string): Promise<string | undefined> {
    const [row] = await this.#query('SELECT basis FROM bitwright.policy_bases WHERE search_id = $1', [searchId]);
    return row?.['basis'] as string | undefined;
  }

  async saveReport(searchId: string, report: string): Promise<void> {
    await this.#write(searchId, (session) => session.query(SAVE_REPORT, [searchId, report]));
  }

  async report(searchId: string): Promise<string | undefined> {
    const [row] = await this.#query('SELECT report FROM bitwright.reports WHERE search_id = $1', [searchId]);
    return row?.['report'] as string | undefined;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#database.close();
  }

  /** One transaction for a search that exists. */
  async #write(searchId: string, work: (session: SqlSession) => Promise<unknown>): Promise<void> {
    this.#assertOpen();
    await this.#database.transaction(async (session) => {
      const found = await session.query('SELECT 1 FROM bitwright.searches WHERE id = $1', [searchId]);
      if (found.length === 0) throw searchNotFound(searchId);
      await work(session);
    });
  }

  async #query(text: string, values: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    this.#assertOpen();
    return this.#database.query(text, values);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storeClosed();
  }
}
