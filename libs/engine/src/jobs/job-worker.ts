import { serveJobs } from '@bitwright/worker-pool';
import { createJobRunner } from './run-job.js';

serveJobs(createJobRunner());
