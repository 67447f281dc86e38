import type { Measuring } from './measuring.js';
import type { PreparedSearch } from './prepare-search.js';
import type { SearchPhase, SearchRecord } from './search.js';
import type { SearchPorts } from './search-ports.js';
import type { TrialJournal } from './trial-journal.js';

/** What the phases of one running search share. */
export type SearchRun = {
  readonly record: SearchRecord;
  /** When this run of the search began, ms since the epoch. */
  readonly startedAt: number;
  readonly search: PreparedSearch;
  /** Their calls wait for a peer that is away. */
  readonly ports: SearchPorts;
  readonly journal: TrialJournal;
  /** Evaluations at once. */
  readonly parallelism: number;
  readonly signal: AbortSignal;
  readonly enter: (phase: SearchPhase) => Promise<void>;
  /** To be told of how the measurement of the layers goes, and of its end. */
  readonly onMeasuring: (measuring: Measuring) => void;
};
