import type { SearchFilter, SearchPage, SearchRecord, SearchRequest, SearchStore, Trial } from '@bitwright/core';
import { assertPageSize, formatPageToken, type PagePosition, parsePageToken } from '../search-store/page-token.js';
import { assertTrialsOf, sameRequest, searchIdTaken, searchNotFound, storeClosed } from '../search-store/refusals.js';

type Entry = {
  /** Position in the order of creation. */
  readonly order: number;
  record: SearchRecord;
  readonly trials: Map<number, Trial>;
  snapshot: Uint8Array | undefined;
  basis: string | undefined;
  report: string | undefined;
};

/** Searches for as long as the process lives: for tests and throw-away runs. Behaves as the SQL store does. */
export class MemorySearchStore implements SearchStore {
  readonly #entries = new Map<string, Entry>();
  #isClosed = false;

  async create(record: SearchRecord): Promise<SearchRecord> {
    const known = this.#findByRequest(record);
    if (known !== undefined) return structuredClone(known);
    if (this.#entries.has(record.id)) throw searchIdTaken(record.id);
    this.#entries.set(record.id, newEntry(this.#entries.size, record));
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

  async update(searchId: string, change: Parameters<SearchStore['update']>[1]): Promise<SearchRecord> {
    const entry = this.#require(searchId);
    const { failure, ...rest } = change;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const failed = 'failure' in change ? { failure } : {};
    entry.record = structuredClone({ ...entry.record, ...given, ...failed });
    return structuredClone(entry.record);
  }

  async addTrials(searchId: string, trials: readonly Trial[], snapshot: Uint8Array | undefined): Promise<void> {
    const entry = this.#require(searchId);
    assertTrialsOf(searchId, trials);
    for (const trial of trials) {
      if (!entry.trials.has(trial.index)) entry.trials.set(trial.index, structuredClone(trial));
    }
    if (snapshot !== undefined) entry.snapshot = Uint8Array.from(snapshot);
  }

  async trials(searchId: string, fromIndex = 0, count?: number): Promise<readonly Trial[]> {
    const all = [...(this.#find(searchId)?.trials.values() ?? [])];
    const later = all.filter(({ index }) => index >= fromIndex).sort((a, b) => a.index - b.index);
    return structuredClone(later.slice(0, count));
  }

  async snapshot(searchId: string): Promise<Uint8Array | undefined> {
    return this.#find(searchId)?.snapshot?.slice();
  }

  async saveBasis(searchId: string, basis: string): Promise<void> {
    this.#require(searchId).basis = basis;
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

  async close(): Promise<void> {
    this.#isClosed = true;
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
  const nothing = { snapshot: undefined, basis: undefined, report: undefined };
  return { order, record: structuredClone(record), trials: new Map(), ...nothing };
}

function isOlder({ record, order }: Entry, than: PagePosition): boolean {
  return record.createdAt < than.createdAt || (record.createdAt === than.createdAt && order < than.order);
}
