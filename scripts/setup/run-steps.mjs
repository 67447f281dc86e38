import { checkDiskSpace } from './disk-space.mjs';
import { createProgress } from './progress.mjs';

/**
 * Does the steps that are not done yet, in order. A step is
 * `{ name, detail?, isDone(), check?(), space?(), run(progress) }`; `run` may return a word for the summary.
 */
export async function runSteps(steps, { progress = createProgress(steps.length) } = {}) {
  const missing = steps.filter((step) => !step.isDone());
  if (missing.length === 0) return;
  // What will be needed is asked for first: nobody should wait for a download to learn that a compiler is missing.
  for (const step of missing) step.check?.();
  checkDiskSpace(missing.flatMap((step) => step.space?.() ?? []));
  for (const step of steps) await runStep(step, progress);
}

async function runStep(step, progress) {
  if (step.isDone()) return progress.skip(step.name);
  progress.start(step.name, step.detail);
  try {
    progress.end(await step.run(progress));
  } catch (error) {
    progress.abandon();
    throw error;
  }
}
