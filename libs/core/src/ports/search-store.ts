import type { SearchRecord, SearchState, Trial } from '../search/search.js';

export type SearchPage = { readonly searches: readonly SearchRecord[]; readonly nextPageToken: string | undefined };

export type SearchFilter = { readonly state?: SearchState | undefined };

/**
 * Durable memory of searches. A call that returned has reached the disk: whatever happens to the process, it is not
 * lost. Records and trials are values: what is returned is a copy. `create` with a known request id returns the
 * existing record when the spec is equal and throws `already_exists` when it is not. `getSearch` throws `not_found`.
 */
export interface SearchStore {
  create(record: SearchRecord): Promise<SearchRecord>;
  get(searchId: string): Promise<SearchRecord>;
  /** Newest first. `pageToken` is what the page before gave. */
  list(filter: SearchFilter, pageSize: number, pageToken?: string): Promise<SearchPage>;
  update(
    searchId: string,
    change: Partial<Pick<SearchRecord, 'state' | 'phase' | 'failure' | 'updatedAt'>>,
  ): Promise<SearchRecord>;
  /** Stores trials and, in the same transaction, the strategy's snapshot after them. A known trial index is left as it is. */
  addTrials(searchId: string, trials: readonly Trial[], snapshot: Uint8Array | undefined): Promise<void>;
  /** In order, from `fromIndex`. */
  trials(searchId: string, fromIndex?: number): Promise<readonly Trial[]>;
  snapshot(searchId: string): Promise<Uint8Array | undefined>;
  /** What the search's policies are computed from (`PolicyBasis`), as JSON text. */
  saveBasis(searchId: string, basis: string): Promise<void>;
  basis(searchId: string): Promise<string | undefined>;
  /** The report of a finished search, as JSON text. */
  saveReport(searchId: string, report: string): Promise<void>;
  report(searchId: string): Promise<string | undefined>;
  close(): Promise<void>;
}
