import type { BitwrightError } from '@bitwright/core';
import { WorkerPool } from '@bitwright/worker-pool';
import type { BenchJob, BenchResult } from './job.js';

/** Runs models in a child process, one at a time: two at once would measure each other. */
export type Bench = {
  /** Throws `cancelled` within a second of the signal, `unavailable` when the child keeps dying. */
  run(job: BenchJob, signal?: AbortSignal | undefined): Promise<BenchResult>;
  close(): void;
};

export type BenchOptions = {
  /** Command that starts the child, see `WorkerStart`. */
  readonly launcher: readonly string[];
  /** Folder for what the child writes for a moment; the system's without. */
  readonly temporaryFolder?: string | undefined;
  readonly onWorkerDied?: ((error: BitwrightError) => void) | undefined;
};

const BENCH_MAIN = new URL(`./bench-main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** Measurements that may wait; each belongs to an open call. */
const MAXIMUM_WAITING = 1_000;

export function createBench({ launcher, temporaryFolder, onWorkerDied }: BenchOptions): Bench {
  const environment = temporaryFolder === undefined ? {} : { TMPDIR: temporaryFolder };
  const pool = new WorkerPool<BenchJob, BenchResult>({
    ...{ entry: BENCH_MAIN, environment, launcher, size: 1, maximumWaiting: MAXIMUM_WAITING, onWorkerDied },
  });
  return { run: (job, signal) => pool.run(job, { signal }), close: () => pool.close() };
}
