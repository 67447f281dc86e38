export { type JobContext, serveJobs } from './serve-jobs.js';
export { WorkerPool, type WorkerPoolOptions } from './worker-pool.js';
export type { WorkerStart } from './worker-process.js';
