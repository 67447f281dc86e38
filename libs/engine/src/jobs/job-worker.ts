import { serveJobs } from '../workers/serve-jobs.js';
import { createJobRunner } from './run-job.js';

serveJobs(createJobRunner());
