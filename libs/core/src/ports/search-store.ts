import type { SearchRecord, SearchState, Trial } from '../search/search.js';
import type { BitwrightEvent } from './event-bus.js';
import type { EventOutbox } from './event-outbox.js';

export type SearchPage = { readonly searches: readonly SearchRecord[]; readonly nextPageToken: string | undefined };

/** What a client asked for, under its idempotency key. */
export type SearchRequest = Pick<SearchRecord, 'requestId' | 'spec'>;

export type SearchFilter = { readonly state?: SearchState | undefined };

/** Artifacts that searches were given, and those that they made. */
export type ArtifactReferences = {
  /** Of the store, for as long as it lives: whoever keeps artifacts tells by it whether others refer to them, too. */
  readonly storeId: string;
  readonly digests: ReadonlySet<string>;
};

/** What is measured of a search's layers so far, line by line, and how long it took, s. */
export type Measurement = { readonly lines: readonly string[]; readonly seconds: number };

/**
 * Durable memory of searches. A call that returned has reached the disk: whatever happens to the process, it is not
 * lost. Records and trials are values: what is returned is a copy. `create` with a known request id returns the
 * existing record when the spec is equal and throws `already_exists` when it is not, as `findByRequest` does. `get`
 * throws `not_found`. Events given with a change are stored in its transaction, and not where nothing changed.
 */
export interface SearchStore extends EventOutbox {
  create(record: SearchRecord, events?: readonly BitwrightEvent[]): Promise<SearchRecord>;
  /** What an earlier request with this id created; undefined where there was none. */
  findByRequest(request: SearchRequest): Promise<SearchRecord | undefined>;
  get(searchId: string): Promise<SearchRecord>;
  /** Newest first. `pageToken` is what the page before gave. */
  list(filter: SearchFilter, pageSize: number, pageToken?: string): Promise<SearchPage>;
  update(
    searchId: string,
    change: Partial<Pick<SearchRecord, 'state' | 'phase' | 'failure' | 'updatedAt'>>,
    events?: readonly BitwrightEvent[],
  ): Promise<SearchRecord>;
  /**
   * Removes a search and all that belongs to it; one that is not there is left alone. Gives the digests of artifacts that
   * it referred to and no other search does.
   */
  delete(searchId: string, events?: readonly BitwrightEvent[]): Promise<readonly string[]>;
  /** What the stored searches refer to. */
  artifacts(): Promise<ArtifactReferences>;
  /** Stores trials and, in the same transaction, the strategy's snapshot after them. A known trial index is left as it is. */
  addTrials(
    searchId: string,
    trials: readonly Trial[],
    snapshot: Uint8Array | undefined,
    events?: readonly BitwrightEvent[],
  ): Promise<void>;
  /** In order, from `fromIndex`, at most `count`. */
  trials(searchId: string, fromIndex?: number, count?: number): Promise<readonly Trial[]>;
  snapshot(searchId: string): Promise<Uint8Array | undefined>;
  /** Adds lines to what is measured of the search's layers, and notes the seconds that all of it took. */
  addMeasured(searchId: string, measurement: Measurement): Promise<void>;
  /** Lines in the order in which they came; none before and after the measurement. */
  measured(searchId: string): Promise<Measurement>;
  /** What the search's policies are computed from (`PolicyBasis`), as JSON text. What was measured line by line goes. */
  saveBasis(searchId: string, basis: string): Promise<void>;
  basis(searchId: string): Promise<string | undefined>;
  /** The report of a finished search, as JSON text. */
  saveReport(searchId: string, report: string): Promise<void>;
  report(searchId: string): Promise<string | undefined>;
  close(): Promise<void>;
}
