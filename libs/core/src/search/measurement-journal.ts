import type { Measurement, SearchStore } from '../ports/search-store.js';

/** Before the first space of a line stands what it is of. */
const keyOf = (line: string) => line.split(' ', 1)[0] ?? line;

/**
 * What is measured of one search's layers, line by line: stored as it comes, what comes while one write is under way with
 * the next. So a process that dies repeats what it has not told of.
 */
export class MeasurementJournal {
  readonly #searchId: string;
  readonly #store: Pick<SearchStore, 'addMeasured'>;
  readonly #seconds: () => number;
  readonly #lines: string[];
  readonly #keys: Set<string>;
  #waiting: string[] = [];
  #lastWrite: Promise<void> = Promise.resolve();

  /** `seconds` says how long it has taken so far. */
  constructor(
    searchId: string,
    { lines }: Measurement,
    store: Pick<SearchStore, 'addMeasured'>,
    seconds: () => number,
  ) {
    this.#searchId = searchId;
    this.#store = store;
    this.#seconds = seconds;
    this.#lines = [...lines];
    this.#keys = new Set(lines.map(keyOf));
  }

  /** All of them: the same list, which grows. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  add(lines: readonly string[]): void {
    const fresh = lines.filter((line) => !this.#keys.has(keyOf(line)));
    for (const line of fresh) this.#keys.add(keyOf(line));
    this.#lines.push(...fresh);
    this.#waiting.push(...fresh);
    if (fresh.length === 0) return;
    this.#lastWrite = this.#lastWrite.then(() => this.#write(this.#seconds()));
    // Whoever flushes hears of it.
    this.#lastWrite.catch(() => undefined);
  }

  /** Resolves once all is stored, and the seconds with it; throws what the store threw. */
  async flush(seconds = this.#seconds()): Promise<void> {
    await this.#lastWrite;
    await this.#store.addMeasured(this.#searchId, { lines: this.#waiting.splice(0), seconds });
  }

  async #write(seconds: number): Promise<void> {
    const lines = this.#waiting.splice(0);
    if (lines.length > 0) await this.#store.addMeasured(this.#searchId, { lines, seconds });
  }
}
