import { BitwrightError, cancelledError, isWorkerDeath, type WorkOptions } from '@bitwright/core';
import { startWorker, type WorkerProcess, type WorkerStart } from './worker-process.js';

/** The module that children run calls `serveJobs`. */
export type WorkerPoolOptions = WorkerStart & {
  /** Children, started when they are needed. */
  readonly size: number;
  /** Jobs that may wait; one more is refused with `resource_exhausted`. */
  readonly maximumWaiting: number;
  /** How often a job whose child died is tried again in a fresh one. @default 2 */
  readonly retries?: number | undefined;
  /** Told when a child died, with what it last wrote, for the log. */
  readonly onWorkerDied?: ((error: BitwrightError) => void) | undefined;
};

/** Child processes that run jobs, each one job at a time. A child that dies costs its job one try, nothing else. */
export class WorkerPool<Job, Result> {
  readonly #options: WorkerPoolOptions;
  readonly #idle: WorkerProcess<Job, Result>[] = [];
  readonly #busy = new Set<WorkerProcess<Job, Result>>();
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#options.size;
  }

  /** Process ids of the children that live, for tests and for the log. */
  pids(): readonly number[] {
    return [...this.#idle, ...this.#busy].flatMap(({ pid, isAlive }) => (isAlive() && pid !== undefined ? [pid] : []));
  }

  /** Throws what the job throws, `cancelled`, `resource_exhausted` (too many wait) or `unavailable` (children keep dying). */
  async run(job: Job, options: WorkOptions = {}): Promise<Result> {
    await this.#takeTurn(options.signal);
    try {
      return await this.#tryRun(job, options);
    } finally {
      this.#taken -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Ends every child at once; jobs under way fail with `unavailable`. */
  close(): void {
    this.#closed = true;
    for (const worker of [...this.#idle, ...this.#busy]) worker.kill();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #tryRun(job: Job, options: WorkOptions): Promise<Result> {
    const { retries = 2, onWorkerDied } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#runOnce(job, options);
      } catch (error) {
        if (!(error instanceof BitwrightError && isWorkerDeath(error))) throw error;
        onWorkerDied?.(error);
        if (attempt >= retries || this.#closed) throw error;
      }
    }
  }

  async #runOnce(job: Job, options: WorkOptions): Promise<Result> {
    const worker = this.#worker();
    this.#busy.add(worker);
    try {
      return await worker.run(job, options);
    } finally {
      this.#busy.delete(worker);
      if (worker.isAlive() && !this.#closed) this.#idle.push(worker);
    }
  }

  #worker(): WorkerProcess<Job, Result> {
    if (this.#closed) throw closedError();
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      if (worker.isAlive()) return worker;
    }
    return startWorker(this.#options);
  }

  async #takeTurn(signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) throw cancelledError();
    const { size, maximumWaiting } = this.#options;
    if (this.#taken >= size && this.#waiting.length >= maximumWaiting) throw queueFull(maximumWaiting);
    while (this.#taken >= size && !this.#closed) await this.#wait(signal);
    if (this.#closed) throw closedError();
    this.#taken += 1;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    let wake = () => {};
    const turn = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.push(wake);
    signal?.addEventListener('abort', wake, { once: true });
    await turn;
    signal?.removeEventListener('abort', wake);
    const position = this.#waiting.indexOf(wake);
    if (position >= 0) this.#waiting.splice(position, 1);
    if (signal?.aborted !== true) return;
    // A turn that came together with the cancellation belongs to the next in line.
    if (position < 0) this.#waiting.shift()?.();
    throw cancelledError();
  }
}

function closedError(): BitwrightError {
  return new BitwrightError('unavailable', 'POOL_CLOSED', 'the service is shutting down');
}

function queueFull(waiting: number): BitwrightError {
  const message = `${waiting} jobs are waiting already; come back later`;
  return new BitwrightError('resource_exhausted', 'QUEUE_FULL', message);
}
