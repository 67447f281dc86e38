import { BitwrightError, toBitwrightError } from '../errors.js';
import type { BitwrightEvent, EventKind } from '../ports/event-bus.js';
import type { SearchFilter, SearchPage, SearchStore } from '../ports/search-store.js';
import { buildReport } from '../report/build-report.js';
import { Bells } from './bells.js';
import { createStrategy } from './create-strategy.js';
import { deleteSearch } from './delete-search.js';
import { EventRelay } from './event-relay.js';
import { KeyedQueue } from './keyed-queue.js';
import { requireTraining } from './learn-bits.js';
import { pricesOf } from './learned-prices.js';
import { type Measuring, NOT_MEASURING } from './measuring.js';
import { Patience } from './patience.js';
import { createPatientPorts } from './patient-ports.js';
import { createPatientStore } from './patient-store.js';
import { loadBasis } from './policy-basis.js';
import { type PreparedSearch, prepareSearch } from './prepare-search.js';
import { planSearch, progressOf, type SearchPlan } from './progress.js';
import { runSearch } from './run-search.js';
import type { SearchPhase, SearchProgress, SearchRecord, SearchSpec, SearchState } from './search.js';
import { searchEvent } from './search-events.js';
import type { SearchPorts } from './search-ports.js';
import type { SearchRun } from './search-run.js';
import { hasEnded } from './search-state.js';
import { TrialJournal } from './trial-journal.js';
import { addTrial, NO_TRIALS } from './trial-tally.js';
import { Turns } from './turns.js';
import { validateSearchSpec } from './validate-spec.js';

export type SearchManagerOptions = {
  /** Searches that run at once; later ones wait. */
  readonly maxRunning: number;
  /** How long quantizer, hardware or database may be away before a search fails, ms. */
  readonly patienceMs: number;
  /** Told of what went wrong where nobody waits for an answer, for the log. */
  readonly onError?: ((error: unknown, searchId: string) => void) | undefined;
};

/** A search that this process is running or about to run. */
type Running = {
  readonly abort: AbortController;
  readonly patience: Patience;
  readonly ended: Promise<void>;
  /** Undefined until it is prepared. */
  plan: SearchPlan | undefined;
  run: SearchRun | undefined;
  measuring: Measuring;
};

/** How many stored trials a watcher reads, and is told of before others have their turn of the event loop. */
const TRIALS_AT_ONCE = 100;

type Attributes = BitwrightEvent['attributes'];

const STOPPED = Symbol('the process stops; the search stays as it is and is resumed at the next start');

/**
 * Owns the searches of one agent: creates, runs, resumes, cancels and watches them. What it reports has been stored
 * before; a search that was running when the process died goes on at the next `start`.
 */
export class SearchManager {
  readonly #ports: SearchPorts;
  readonly #options: SearchManagerOptions;
  readonly #running = new Map<string, Running>();
  /** Who ends, resumes or deletes a search does so alone. */
  readonly #changes = new KeyedQueue();
  readonly #bells = new Bells();
  readonly #turns: Turns;
  readonly #relay: EventRelay;
  readonly #stop = new AbortController();

  constructor(ports: SearchPorts, options: SearchManagerOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#turns = new Turns(options.maxRunning);
    this.#relay = new EventRelay(ports);
  }

  /** Takes up every search that was pending or running when the last process ended, and sends events that it left. */
  async start(): Promise<void> {
    this.#relay.wake();
    for (const state of ['running', 'pending'] as const) {
      for await (const record of this.#all({ state })) this.#launch(record, undefined);
    }
  }

  /** Stops the work without ending the searches; resolves once all is still. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    this.#stop.abort(STOPPED);
    for (const { abort } of running) abort.abort(STOPPED);
    await Promise.all(running.map(({ ended }) => ended));
    await this.#relay.close();
  }

  /**
   * Checks the spec, proves that the budget can be met and starts the search. Idempotent by request id. Throws
   * `invalid_argument`, `not_found`, `failed_precondition` (`BUDGET_INFEASIBLE`) or `already_exists`.
   */
  async create(requestId: string, spec: SearchSpec, signal?: AbortSignal): Promise<SearchRecord> {
    validateSearchSpec(spec);
    // First of all: a request that is repeated has its answer, whether quantizer and hardware are there now or not.
    const known = await this.#ports.store.findByRequest({ requestId, spec });
    if (known !== undefined) return known.state === 'pending' ? this.#begin(known.id) : known;
    // So that it stays until the search is stored.
    if (spec.model.kind === 'artifact') await this.#ports.artifacts?.touch(spec.model.digest);
    const strategy = this.#ports.strategy(spec.strategy.name);
    strategy.measures?.(spec.strategy.options);
    requireTraining(strategy, spec);
    const prepared = await prepareSearch(spec, this.#ports, { signal });
    // Made only to have its options checked now; the run makes its own.
    createStrategy(prepared, pricesOf(prepared), this.#ports.strategy, { floatAccuracy: 0 });
    const now = this.#ports.clock.now();
    const id = this.#ports.newId();
    const fresh: SearchRecord = {
      ...{ id, requestId, spec, state: 'pending', phase: 'preparing', failure: undefined },
      ...{ createdAt: now, updatedAt: now },
    };
    const record = await this.#ports.store.create(fresh, [searchEvent('search.created', fresh)]);
    if (record.id !== id) return record;
    this.#relay.wake();
    this.#launch(record, prepared);
    return record;
  }

  /** A search that was stored while its client lost the answer: nobody has begun it, unless it runs or ended meanwhile. */
  #begin(searchId: string): Promise<SearchRecord> {
    return this.#changes.run(searchId, async () => {
      const isRunning = this.#running.has(searchId);
      const record = await this.get(searchId);
      if (!isRunning && record.state === 'pending') this.#launch(record, undefined);
      return record;
    });
  }

  get(searchId: string): Promise<SearchRecord> {
    return this.#ports.store.get(searchId);
  }

  list(filter: SearchFilter, pageSize: number, pageToken?: string): Promise<SearchPage> {
    return this.#ports.store.list(filter, pageSize, pageToken);
  }

  /** Ends a search, keeping what it found; a search that has ended stays as it is. */
  cancel(searchId: string): Promise<SearchRecord> {
    return this.#changes.run(searchId, async () => {
      const running = this.#running.get(searchId);
      const why = new BitwrightError('cancelled', 'CANCELLED', 'the search was cancelled');
      running?.abort.abort(why);
      await running?.ended;
      const record = await this.get(searchId);
      if (hasEnded(record.state)) return record;
      // Nobody runs it: its end could not be stored.
      const change = { state: 'cancelled', failure: undefined } as const;
      const told = { reason: why.reason, message: why.message };
      return this.#change(this.#ports.store, searchId, change, 'search.cancelled', told);
    });
  }

  /** Goes on with a cancelled or failed search. Throws `failed_precondition` for a completed one. */
  resume(searchId: string): Promise<SearchRecord> {
    return this.#changes.run(searchId, async () => {
      const isRunning = this.#running.has(searchId);
      const record = await this.#settled(searchId);
      if (isRunning && !hasEnded(record.state)) return record;
      if (record.state === 'completed') {
        throw new BitwrightError(
          'failed_precondition',
          'SEARCH_COMPLETED',
          `search ${searchId} has completed; start a new one`,
        );
      }
      const change = { state: 'pending', failure: undefined } as const;
      const resumed = await this.#change(this.#ports.store, searchId, change, 'search.resumed');
      this.#launch(resumed, undefined);
      return resumed;
    });
  }

  /**
   * Removes a search that has ended, with all that it found. Throws `failed_precondition` for one that runs or waits for its
   * turn, and `not_found`, which `allowMissing` makes no error.
   */
  delete(searchId: string, { allowMissing = false } = {}): Promise<void> {
    return this.#changes.run(searchId, async () => {
      const record = await this.#settled(searchId).catch((error: unknown) => {
        if (allowMissing && toBitwrightError(error).kind === 'not_found') return undefined;
        throw error;
      });
      if (record !== undefined) await deleteSearch(this.#ports, record, () => this.#running.size > 0);
      this.#relay.wake();
      this.#bells.ring(searchId);
    });
  }

  /** The record as it is when a run that ends meanwhile has ended: its last change comes before it lets go. */
  async #settled(searchId: string): Promise<SearchRecord> {
    const running = this.#running.get(searchId);
    const record = await this.get(searchId);
    if (running === undefined || !hasEnded(record.state)) return record;
    await running.ended;
    return this.get(searchId);
  }

  /** The report as JSON text. Throws `failed_precondition` while there is none. */
  async report(searchId: string): Promise<string> {
    await this.get(searchId);
    const report = await this.#ports.store.report(searchId);
    if (report !== undefined) return report;
    throw new BitwrightError(
      'failed_precondition',
      'NO_REPORT',
      `search ${searchId} has no report yet; it is written when the search ends`,
    );
  }

  /** One update per stored trial after the first `fromSequence`, then as they come, and one for each change of state; ends with the search. */
  async *watch(searchId: string, fromSequence: number, signal: AbortSignal): AsyncGenerator<SearchProgress> {
    let tally = NO_TRIALS;
    let last = '';
    const bell = this.#bells.open(searchId, signal);
    try {
      while (!signal.aborted) {
        const rung = bell.next();
        const record = await this.get(searchId);
        const running = this.#running.get(searchId);
        const { news, hasMore } = await this.#trialsFrom(searchId, tally.count, running);
        const plan = running?.plan;
        for (const trial of news) {
          tally = addTrial(tally, trial);
          const isNewest = trial === news.at(-1) && !hasMore;
          if (tally.count > fromSequence && !isNewest) yield progressOf(record, tally, plan);
        }
        if (hasMore) {
          await this.#ports.clock.sleep(0);
          continue;
        }
        const waiting = record.state === 'running' ? running?.patience.waitingFor : undefined;
        const measuring = running?.measuring;
        const what = [tally.count, plan === undefined, waiting, measuring?.progress];
        const state = JSON.stringify([record.state, record.phase, ...what]);
        if (state !== last) yield progressOf(record, tally, plan, waiting, measuring);
        last = state;
        if (hasEnded(record.state) && !this.#running.has(searchId)) return;
        await rung;
      }
    } finally {
      bell.close();
    }
  }

  async #trialsFrom(searchId: string, fromIndex: number, running: Running | undefined) {
    const count = TRIALS_AT_ONCE + 1;
    const known = running?.run?.journal.trials.slice(fromIndex, fromIndex + count);
    const found = known ?? (await this.#ports.store.trials(searchId, fromIndex, count));
    return { news: found.slice(0, TRIALS_AT_ONCE), hasMore: found.length > TRIALS_AT_ONCE };
  }

  async *#all(filter: SearchFilter): AsyncGenerator<SearchRecord> {
    const pages: SearchRecord[] = [];
    for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
      const page: SearchPage = await this.#ports.store.list(filter, 100, token);
      pages.push(...page.searches);
      token = page.nextPageToken;
    }
    yield* pages.reverse();
  }

  /** A search runs once, whoever asks for it. */
  #launch(record: SearchRecord, prepared: PreparedSearch | undefined): void {
    // Of a process that stops, the next one takes it up.
    if (this.#running.has(record.id) || this.#stop.signal.aborted) return;
    const abort = new AbortController();
    const patience = new Patience({
      ...{ clock: this.#ports.clock, signal: abort.signal, limitMs: this.#options.patienceMs },
      onChange: () => this.#bells.ring(record.id),
    });
    const begun = { plan: undefined, run: undefined, measuring: NOT_MEASURING };
    const running: Running = { abort, patience, ...begun, ended: Promise.resolve() };
    this.#running.set(record.id, running);
    const ended = this.#run(record, prepared, running)
      .catch((error: unknown) => this.#options.onError?.(error, record.id))
      .finally(() => {
        this.#running.delete(record.id);
        this.#bells.ring(record.id);
      });
    Object.assign(running, { ended });
  }

  async #run(record: SearchRecord, prepared: PreparedSearch | undefined, running: Running): Promise<void> {
    const { signal } = running.abort;
    try {
      await this.#turns.run(signal, () => this.#search(record, prepared, running));
    } catch (error) {
      if (signal.reason === STOPPED) return;
      await this.#endEarly(record, running.run, error);
    }
  }

  async #search(record: SearchRecord, prepared: PreparedSearch | undefined, running: Running): Promise<void> {
    const run = await this.#startRun(record, prepared, running);
    const { store } = run.ports;
    const report = await runSearch(run);
    await store.saveReport(record.id, JSON.stringify(report));
    await this.#change(store, record.id, { state: 'completed', phase: 'done' }, 'search.completed');
  }

  async #startRun(record: SearchRecord, prepared: PreparedSearch | undefined, running: Running): Promise<SearchRun> {
    const { signal } = running.abort;
    const startedAt = this.#ports.clock.now();
    const ports = createPatientPorts(this.#ports, running.patience);
    const { store } = ports;
    await this.#change(store, record.id, { state: 'running' }, 'search.started');
    const stored = await store.trials(record.id);
    const search = prepared ?? (await prepareSearch(record.spec, ports, { signal, trials: stored }));
    const parallelism = await ports.quantizer.parallelism(signal);
    const journal = new TrialJournal(record.id, stored, store, () => this.#told(record.id));
    const plan = planSearch(search, ports.strategy(record.spec.strategy.name), parallelism);
    const enter = async (phase: SearchPhase) => void (await this.#change(store, record.id, { phase }));
    const onMeasuring = (measuring: Measuring) => {
      running.measuring = measuring;
      this.#bells.ring(record.id);
    };
    const run: SearchRun = { record, startedAt, search, ports, journal, parallelism, signal, enter, onMeasuring };
    Object.assign(running, { plan, run });
    return run;
  }

  /**
   * Cancelled or failed: what was found so far becomes the report, and the search can be resumed. Waits for the database
   * for as long as the process lives: a search whose end is not stored would be taken for one that runs.
   */
  async #endEarly(record: SearchRecord, run: SearchRun | undefined, error: unknown): Promise<void> {
    const { clock } = this.#ports;
    const patience = new Patience({ clock, signal: this.#stop.signal, limitMs: Number.POSITIVE_INFINITY });
    const store = createPatientStore(this.#ports.store, patience);
    const { kind, reason, message } = toBitwrightError(error);
    const cancelled = kind === 'cancelled';
    const state: SearchState = cancelled ? 'cancelled' : 'failed';
    const hasBest = run?.journal.trials.some(({ feasible, accuracy }) => feasible && accuracy !== undefined);
    if (run !== undefined && hasBest === true) {
      const sensitivity = (await loadBasis(store, record.id))?.sensitivity;
      const report = buildReport(run, { exported: undefined, sensitivity }, state);
      await store.saveReport(record.id, JSON.stringify(report));
    }
    const failure = cancelled ? undefined : { kind, reason, message };
    const told = cancelled ? 'search.cancelled' : 'search.failed';
    await this.#change(store, record.id, { state, failure }, told, { reason, message });
  }

  /** Stores a change and, with it, the event that tells of it. */
  async #change(
    store: SearchStore,
    searchId: string,
    change: Parameters<SearchStore['update']>[1],
    told?: EventKind,
    attributes?: Attributes,
  ): Promise<SearchRecord> {
    const updatedAt = this.#ports.clock.now();
    const events = told === undefined ? [] : [searchEvent(told, { id: searchId, updatedAt }, attributes)];
    const record = await store.update(searchId, { ...change, updatedAt }, events);
    this.#told(searchId);
    return record;
  }

  /** Something was stored of a search: those who watch it look, and events go out. */
  #told(searchId: string): void {
    this.#relay.wake();
    this.#bells.ring(searchId);
  }
}
