import { serveJobs } from '@bitwright/worker-pool';
import type { BenchJob, BenchResult } from './job.js';
import { runBench } from './run-bench.js';

serveJobs<BenchJob, BenchResult>((job, { pause }) => runBench(job, pause));
