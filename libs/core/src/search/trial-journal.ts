import type { SearchStore } from '../ports/search-store.js';
import type { Trial } from './search.js';
import { trialEvent } from './search-events.js';

/** A trial before it has its place among the others. */
export type TrialDraft = Omit<Trial, 'searchId' | 'index'>;

/** The trials of one search: durable before anybody hears of them, one after the other. */
export class TrialJournal {
  readonly #searchId: string;
  readonly #store: SearchStore;
  readonly #onAppend: () => void;
  readonly #trials: Trial[];
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(searchId: string, stored: readonly Trial[], store: SearchStore, onAppend: () => void) {
    this.#searchId = searchId;
    this.#store = store;
    this.#onAppend = onAppend;
    this.#trials = [...stored];
  }

  get trials(): readonly Trial[] {
    return this.#trials;
  }

  append(draft: TrialDraft): Promise<Trial> {
    return this.#afterLastWrite(async () => {
      const trial: Trial = { ...draft, searchId: this.#searchId, index: this.#trials.length };
      await this.#store.addTrials(this.#searchId, [trial], undefined, [trialEvent(trial)]);
      this.#trials.push(trial);
      this.#onAppend();
      return trial;
    });
  }

  saveSnapshot(snapshot: Uint8Array): Promise<void> {
    return this.#afterLastWrite(() => this.#store.addTrials(this.#searchId, [], snapshot));
  }

  #afterLastWrite<T>(write: () => Promise<T>): Promise<T> {
    const result = this.#lastWrite.then(write);
    this.#lastWrite = result.catch(() => undefined);
    return result;
  }
}
