import { BitwrightError, toBitwrightError } from '../errors.js';
import type { EventKind } from '../ports/event-bus.js';
import type { SearchFilter, SearchPage } from '../ports/search-store.js';
import { buildReport } from '../report/build-report.js';
import { createStrategy } from './create-strategy.js';
import { requireTraining } from './learn-bits.js';
import { pricesOf } from './learned-prices.js';
import { Patience } from './patience.js';
import { createPatientPorts } from './patient-ports.js';
import { loadBasis } from './policy-basis.js';
import { type PreparedSearch, prepareSearch } from './prepare-search.js';
import { planSearch, progressOf, type SearchPlan } from './progress.js';
import { runSearch } from './run-search.js';
import type { SearchPhase, SearchProgress, SearchRecord, SearchSpec, SearchState, Trial } from './search.js';
import type { SearchPorts } from './search-ports.js';
import type { SearchRun } from './search-run.js';
import { TrialJournal } from './trial-journal.js';
import { validateSearchSpec } from './validate-spec.js';

export type SearchManagerOptions = {
  /** Searches that run at once; later ones wait. */
  readonly maxRunning: number;
  /** How long a quantizer or hardware service may be away before a search fails, ms. */
  readonly patienceMs: number;
  /** Told of what went wrong where nobody waits for an answer, for the log. */
  readonly onError?: ((error: unknown, searchId: string) => void) | undefined;
};

/** A search that this process is running or about to run. */
type Running = {
  readonly abort: AbortController;
  readonly patience: Patience;
  readonly ended: Promise<void>;
  plan: SearchPlan | undefined;
  journal: TrialJournal | undefined;
};

const STOPPED = Symbol('the process stops; the search stays as it is and is resumed at the next start');

/**
 * Owns the searches of one agent: creates, runs, resumes, cancels and watches them. What it reports has been stored
 * before; a search that was running when the process died goes on at the next `start`.
 */
export class SearchManager {
  readonly #ports: SearchPorts;
  readonly #options: SearchManagerOptions;
  readonly #running = new Map<string, Running>();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  constructor(ports: SearchPorts, options: SearchManagerOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /** Takes up every search that was pending or running when the last process ended. */
  async start(): Promise<void> {
    for (const state of ['running', 'pending'] as const) {
      for await (const record of this.#all({ state })) this.#launch(record, undefined);
    }
  }

  /** Stops the work without ending the searches; resolves once all is still. */
  async close(): Promise<void> {
    const running = [...this.#running.values()];
    for (const { abort } of running) abort.abort(STOPPED);
    await Promise.all(running.map(({ ended }) => ended));
  }

  /**
   * Checks the spec, proves that the budget can be met and starts the search. Idempotent by request id. Throws
   * `invalid_argument`, `not_found`, `failed_precondition` (`BUDGET_INFEASIBLE`) or `already_exists`.
   */
  async create(requestId: string, spec: SearchSpec, signal?: AbortSignal): Promise<SearchRecord> {
    validateSearchSpec(spec);
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
    const record = await this.#ports.store.create(fresh);
    if (record.id !== id) return record;
    this.#publish('search.created', record);
    this.#launch(record, prepared);
    return record;
  }

  get(searchId: string): Promise<SearchRecord> {
    return this.#ports.store.get(searchId);
  }

  list(filter: SearchFilter, pageSize: number, pageToken?: string): Promise<SearchPage> {
    return this.#ports.store.list(filter, pageSize, pageToken);
  }

  /** Ends a search, keeping what it found; a search that has ended stays as it is. */
  async cancel(searchId: string): Promise<SearchRecord> {
    const running = this.#running.get(searchId);
    running?.abort.abort(new BitwrightError('cancelled', 'CANCELLED', 'the search was cancelled'));
    await running?.ended;
    return this.get(searchId);
  }

  /** Goes on with a cancelled or failed search. Throws `failed_precondition` for a completed one. */
  async resume(searchId: string): Promise<SearchRecord> {
    const record = await this.get(searchId);
    if (this.#running.has(searchId)) return record;
    if (record.state === 'completed') {
      throw new BitwrightError(
        'failed_precondition',
        'SEARCH_COMPLETED',
        `search ${searchId} has completed; start a new one`,
      );
    }
    const resumed = await this.#change(searchId, { state: 'pending', failure: undefined });
    this.#publish('search.resumed', resumed);
    this.#launch(resumed, undefined);
    return resumed;
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
    let seen = fromSequence;
    let last = '';
    const bell = this.#bell(searchId, signal);
    try {
      while (!signal.aborted) {
        const rung = bell.next();
        const record = await this.get(searchId);
        const running = this.#running.get(searchId);
        const trials = [...(running?.journal?.trials ?? (await this.#ports.store.trials(searchId)))];
        const plan = running?.plan;
        for (; seen < trials.length - 1; seen += 1) yield progressOf(record, trials.slice(0, seen + 1), plan);
        const waiting = record.state === 'running' ? running?.patience.waitingFor : undefined;
        const state = JSON.stringify([record.state, record.phase, trials.length, plan === undefined, waiting]);
        if (state !== last) yield progressOf(record, trials, plan, waiting);
        [seen, last] = [trials.length, state];
        if (hasEnded(record.state) && !this.#running.has(searchId)) return;
        await rung;
      }
    } finally {
      bell.close();
    }
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

  #launch(record: SearchRecord, prepared: PreparedSearch | undefined): void {
    const abort = new AbortController();
    const patience = new Patience({
      ...{ clock: this.#ports.clock, signal: abort.signal, limitMs: this.#options.patienceMs },
      onChange: () => this.#ring(record.id),
    });
    const running: Running = { abort, patience, plan: undefined, journal: undefined, ended: Promise.resolve() };
    this.#running.set(record.id, running);
    const ended = this.#inTurn(abort.signal, () => this.#run(record, prepared, running))
      .catch((error: unknown) => this.#options.onError?.(error, record.id))
      .finally(() => {
        this.#running.delete(record.id);
        this.#ring(record.id);
      });
    Object.assign(running, { ended });
  }

  async #inTurn(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    while (this.#active >= this.#options.maxRunning && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#active += 1;
    try {
      await work();
    } finally {
      this.#active -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #run(record: SearchRecord, prepared: PreparedSearch | undefined, running: Running): Promise<void> {
    let run: SearchRun | undefined;
    try {
      running.abort.signal.throwIfAborted();
      run = await this.#startRun(record, prepared, running);
      const report = await runSearch(run);
      await this.#ports.store.saveReport(record.id, JSON.stringify(report));
      this.#publish('search.completed', await this.#change(record.id, { state: 'completed', phase: 'done' }));
    } catch (error) {
      if (running.abort.signal.reason === STOPPED) return;
      await this.#endEarly(record, run, error);
    }
  }

  async #startRun(record: SearchRecord, prepared: PreparedSearch | undefined, running: Running): Promise<SearchRun> {
    const { signal } = running.abort;
    const ports = createPatientPorts(this.#ports, running.patience);
    this.#publish('search.started', await this.#change(record.id, { state: 'running' }));
    const stored = await ports.store.trials(record.id);
    const search = prepared ?? (await prepareSearch(record.spec, ports, { signal, trials: stored }));
    const parallelism = await ports.quantizer.parallelism(signal);
    const journal = new TrialJournal(record.id, stored, ports.store, (trial) => this.#trialStored(record, trial));
    const plan = planSearch(search, ports.strategy(record.spec.strategy.name), parallelism);
    Object.assign(running, { plan, journal });
    const enter = async (phase: SearchPhase) => void (await this.#change(record.id, { phase }));
    return { record, search, ports, journal, parallelism, signal, enter };
  }

  /** Cancelled or failed: what was found so far becomes the report, and the search can be resumed. */
  async #endEarly(record: SearchRecord, run: SearchRun | undefined, error: unknown): Promise<void> {
    const { kind, reason, message } = toBitwrightError(error);
    const cancelled = kind === 'cancelled';
    const state: SearchState = cancelled ? 'cancelled' : 'failed';
    const hasBest = run?.journal.trials.some(({ feasible, accuracy }) => feasible && accuracy !== undefined);
    if (run !== undefined && hasBest === true) {
      const sensitivity = (await loadBasis(this.#ports.store, record.id))?.sensitivity;
      const report = buildReport(run, { exported: undefined, sensitivity }, state);
      await this.#ports.store.saveReport(record.id, JSON.stringify(report));
    }
    const failure = cancelled ? undefined : { kind, reason, message };
    const ended = await this.#change(record.id, { state, failure });
    this.#publish(cancelled ? 'search.cancelled' : 'search.failed', ended, { reason, message });
  }

  async #change(searchId: string, change: Parameters<SearchPorts['store']['update']>[1]): Promise<SearchRecord> {
    const record = await this.#ports.store.update(searchId, { ...change, updatedAt: this.#ports.clock.now() });
    this.#ring(searchId);
    return record;
  }

  #trialStored(record: SearchRecord, trial: Trial): void {
    const { index, role, origin, policyHash, accuracy, feasible, error } = trial;
    const what = { index, role, origin, policyHash, feasible };
    const outcome = accuracy === undefined ? { error: error ?? '' } : { accuracy };
    this.#publish(
      accuracy === undefined ? 'trial.failed' : 'trial.evaluated',
      record,
      { ...what, ...outcome },
      `${index}`,
    );
    this.#ring(record.id);
  }

  #publish(
    kind: EventKind,
    record: SearchRecord,
    attributes: Record<string, string | number | boolean> = {},
    suffix = '',
  ) {
    const time = this.#ports.clock.now();
    const id = `${record.id}.${kind}.${suffix === '' ? record.updatedAt : suffix}`;
    this.#ports.events.publish({ id, kind, subject: record.id, time, attributes });
  }

  #ring(searchId: string): void {
    for (const wake of this.#watchers.get(searchId) ?? []) wake();
  }

  /** Wakes a watcher when something was stored or its signal fires; a ring before the answer of `next` is awaited is not lost. */
  #bell(searchId: string, signal: AbortSignal): { next(): Promise<void>; close(): void } {
    const watchers = this.#watchers.get(searchId) ?? new Set();
    this.#watchers.set(searchId, watchers);
    let wake = () => {};
    const ring = () => wake();
    watchers.add(ring);
    signal.addEventListener('abort', ring, { once: true });
    const next = () => new Promise<void>((resolve) => (wake = resolve));
    const close = () => {
      watchers.delete(ring);
      signal.removeEventListener('abort', ring);
      if (watchers.size === 0) this.#watchers.delete(searchId);
    };
    return { next, close };
  }
}

const hasEnded = (state: SearchState) => state === 'completed' || state === 'failed' || state === 'cancelled';
