import { randomUUID } from 'node:crypto';
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
import { withinLimit } from '../search-store/event-order.js';
import { assertPageSize, formatPageToken, type PagePosition, parsePageToken } from '../search-store/page-token.js';
import { assertTrialsOf, sameRequest, searchIdTaken, searchNotFound, storeClosed } from '../search-store/refusals.js';

type Entry = {
  /** Position in the order of creation. */
  readonly order: number;
  record: SearchRecord;
  readonly trials: Map<number, Trial>;
  snapshot: Uint8Array | undefined;
  measured: Measurement;
  basis: string | undefined;
  report: string | undefined;
};

const NOTHING_MEASURED: Measurement = { lines: [], seconds: 0 };

/** Searches for as long as the process lives: for tests and throw-away runs. Behaves as the SQL store does. */
export class MemorySearchStore implements SearchStore {
  readonly #entries = new Map<string, Entry>();
  readonly #storeId = randomUUID();
  readonly #eventLimit: number;
  #created = 0;
  #events: readonly BitwrightEvent[] = [];
  #isClosed = false;

  /** Events that it keeps unsent at most. */
  constructor(eventLimit = MAXIMUM_STORED_EVENTS) {
    this.#eventLimit = eventLimit;
  }

  async create(record: SearchRecord, events: readonly BitwrightEvent[] = []): Promise<SearchRecord> {
    const known = this.#findByRequest(record);
    if (known !== undefined) return structuredClone(known);
    if (this.#entries.has(record.id)) throw searchIdTaken(record.id);
    this.#entries.set(record.id, newEntry(this.#created++, record));
    this.#keep(events);
    return structuredClone(record);
  }

  async findByRequest(request: SearchRequest): Promise<SearchRecord | undefined> {
    return structuredClone(this.#findByRequest(request));
  }

  async get(searchId: string): Promise<SearchRecord> {
    return structuredClone(this.#require(searchId).record);
  }

  async list(filter: SearchFilter, pageSize: number, pageToken?: string): Promise<SearchPage> {
    this.#assertOpen();
    assertPageSize(pageSize);
    const after = pageToken === undefined ? undefined : parsePageToken(pageToken, filter);
    const matching = [...this.#entries.values()]
      .filter(({ record }) => filter.state === undefined || record.state === filter.state)
      .filter((entry) => after === undefined || isOlder(entry, after))
      .sort((a, b) => b.record.createdAt - a.record.createdAt || b.order - a.order);
    const page = matching.slice(0, pageSize);
    const last = matching.length > pageSize ? page.at(-1) : undefined;
    return {
      searches: structuredClone(page.map(({ record }) => record)),
      nextPageToken: last && formatPageToken({ createdAt: last.record.createdAt, order: last.order }, filter),
    };
  }

  async update(
    searchId: string,
    change: Parameters<SearchStore['update']>[1],
    events: readonly BitwrightEvent[] = [],
  ): Promise<SearchRecord> {
    const entry = this.#require(searchId);
    const { failure, ...rest } = change;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const failed = 'failure' in change ? { failure } : {};
    entry.record = structuredClone({ ...entry.record, ...given, ...failed });
    this.#keep(events);
    return structuredClone(entry.record);
  }

  async delete(searchId: string, events: readonly BitwrightEvent[] = []): Promise<readonly string[]> {
    const entry = this.#find(searchId);
    if (entry === undefined) return [];
    const referred = artifactsOf(entry);
    this.#entries.delete(searchId);
    this.#keep(events);
    const { digests } = await this.artifacts();
    return referred.filter((digest) => !digests.has(digest));
  }

  async artifacts(): Promise<ArtifactReferences> {
    this.#assertOpen();
    return { storeId: this.#storeId, digests: new Set([...this.#entries.values()].flatMap(artifactsOf)) };
  }

  async addTrials(
    searchId: string,
    trials: readonly Trial[],
    snapshot: Uint8Array | undefined,
    events: readonly BitwrightEvent[] = [],
  ): Promise<void> {
    const entry = this.#require(searchId);
    assertTrialsOf(searchId, trials);
    const fresh = trials.filter(({ index }) => !entry.trials.has(index));
    for (const trial of fresh) entry.trials.set(trial.index, structuredClone(trial));
    if (snapshot !== undefined) entry.snapshot = Uint8Array.from(snapshot);
    if (fresh.length > 0) this.#keep(events);
  }

  async trials(searchId: string, fromIndex = 0, count?: number): Promise<readonly Trial[]> {
    const all = [...(this.#find(searchId)?.trials.values() ?? [])];
    const later = all.filter(({ index }) => index >= fromIndex).sort((a, b) => a.index - b.index);
    return structuredClone(later.slice(0, count));
  }

  async snapshot(searchId: string): Promise<Uint8Array | undefined> {
    return this.#find(searchId)?.snapshot?.slice();
  }

  async addMeasured(searchId: string, { lines, seconds }: Measurement): Promise<void> {
    const entry = this.#require(searchId);
    entry.measured = { lines: [...entry.measured.lines, ...lines], seconds };
  }

  async measured(searchId: string): Promise<Measurement> {
    return structuredClone(this.#find(searchId)?.measured ?? NOTHING_MEASURED);
  }

  async saveBasis(searchId: string, basis: string): Promise<void> {
    Object.assign(this.#require(searchId), { basis, measured: NOTHING_MEASURED });
  }

  async basis(searchId: string): Promise<string | undefined> {
    return this.#find(searchId)?.basis;
  }

  async saveReport(searchId: string, report: string): Promise<void> {
    this.#require(searchId).report = report;
  }

  async report(searchId: string): Promise<string | undefined> {
    return this.#find(searchId)?.report;
  }

  async unsentEvents(count: number): Promise<readonly BitwrightEvent[]> {
    this.#assertOpen();
    return structuredClone(this.#events.slice(0, count));
  }

  async removeEvents(ids: readonly string[]): Promise<void> {
    this.#assertOpen();
    this.#events = this.#events.filter(({ id }) => !ids.includes(id));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #keep(events: readonly BitwrightEvent[]): void {
    const known = new Set(this.#events.map(({ id }) => id));
    const fresh = structuredClone(events.filter(({ id }) => !known.has(id)));
    this.#events = withinLimit([...this.#events, ...fresh], this.#eventLimit);
  }

  #findByRequest(request: SearchRequest): SearchRecord | undefined {
    this.#assertOpen();
    const known = [...this.#entries.values()].find(({ record }) => record.requestId === request.requestId);
    return known && sameRequest(known.record, request);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storeClosed();
  }

  #find(searchId: string): Entry | undefined {
    this.#assertOpen();
    return this.#entries.get(searchId);
  }

  #require(searchId: string): Entry {
    const entry = this.#find(searchId);
    if (entry === undefined) throw searchNotFound(searchId);
    return entry;
  }
}

function newEntry(order: number, record: SearchRecord): Entry {
  const nothing = { snapshot: undefined, measured: NOTHING_MEASURED, basis: undefined, report: undefined };
  return { order, record: structuredClone(record), trials: new Map(), ...nothing };
}

function artifactsOf({ record, trials, report = '' }: Entry): readonly string[] {
  const checkpoints = [...trials.values()].flatMap(({ checkpointDigest }) => checkpointDigest ?? []);
  return [...new Set([...digestsIn(JSON.stringify(record.spec)), ...checkpoints, ...digestsIn(report)])];
}

function isOlder({ record, order }: Entry, than: PagePosition): boolean {
  return record.createdAt < than.createdAt || (record.createdAt === than.createdAt && order < than.order);
}
