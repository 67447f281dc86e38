import { BitwrightError } from '@bitwright/core';
import { serveJobs } from './serve-jobs.js';

export type ToyJob =
  | { readonly what: 'double'; readonly value: number }
  | { readonly what: 'die'; readonly unless?: string }
  | { readonly what: 'refuse' }
  | { readonly what: 'crash' }
  | { readonly what: 'count'; readonly steps: number }
  | { readonly what: 'block'; readonly ms: number };

serveJobs<ToyJob, number>(async (job, { onProgress, pause }) => {
  switch (job.what) {
    case 'double':
      return 2 * job.value;
    case 'die':
      return process.kill(process.pid, 'SIGKILL') ? 0 : 1;
    case 'refuse':
      throw new BitwrightError('invalid_argument', 'MODEL_CORRUPT', 'the file is no ONNX model');
    case 'crash':
      throw new TypeError('a bug');
    case 'count':
      for (let done = 1; done <= job.steps; done += 1) {
        await pause();
        onProgress({ phase: 'counting', done, total: job.steps });
      }
      return job.steps;
    case 'block': {
      const until = Date.now() + job.ms;
      while (Date.now() < until);
      return job.ms;
    }
  }
});
