import { expect, test } from 'vitest';
import type { Work } from '../work.js';
import { runWork } from './run-work.js';

let isClosed = false;

function* work(): Work<string> {
  isClosed = false;
  try {
    for (let done = 1; done <= 3; done += 1) yield { phase: 'working', done, total: 3 };
    return 'done';
  } finally {
    isClosed = true;
  }
}

const context = (pause: () => Promise<void>) => {
  const steps: number[] = [];
  const onProgress = ({ done }: { readonly done: number }) => void steps.push(done);
  return { steps, job: { signal: new AbortController().signal, onProgress, pause } };
};

test('work is run to its end, step by step', async () => {
  const { steps, job } = context(async () => {});
  expect(await runWork(work(), job)).toBe('done');
  expect(steps).toEqual([1, 2, 3]);
});

test('work that is cancelled is closed, so that it gives back what it holds', async () => {
  const { steps, job } = context(() => Promise.reject(new Error('cancelled')));
  await expect(runWork(work(), job)).rejects.toThrow('cancelled');
  expect(steps).toEqual([1]);
  expect(isClosed).toBe(true);
});
