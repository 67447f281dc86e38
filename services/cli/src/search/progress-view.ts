import type { SearchProgress } from '@bitwright/core';
import type { Output } from '../surroundings.js';
import { createProgressBar } from '../terminal/progress-bar.js';
import { createProgressLines } from '../terminal/progress-lines.js';

/** Shows how a search goes on, on standard error. */
export type ProgressView = {
  show(progress: SearchProgress): void;
  /** A line of its own. */
  note(text: string): void;
  /** Takes the bar away; `show` may not be called after it. */
  stop(): void;
};

/** A bar for people, now and then a line where nobody watches, a JSON object per update for programs. */
export function createProgressView(stderr: Output, json: boolean): ProgressView {
  if (json) return createJsonProgress(stderr);
  return stderr.isTTY === true ? createProgressBar(stderr) : createProgressLines(stderr);
}

function createJsonProgress(stderr: Output): ProgressView {
  const write = (content: object) => void stderr.write(`${JSON.stringify(content)}\n`);
  return {
    show: ({ latest, best, ...progress }) =>
      write({ progress: { ...progress, best: bestOf(best), latest: latestOf(latest) } }),
    note: (text) => write({ note: text }),
    stop: () => {},
  };
}

function bestOf(best: SearchProgress['best']) {
  if (best === undefined) return null;
  const { accuracy, origin, cost } = best;
  return { accuracy, origin, cost };
}

function latestOf(trial: SearchProgress['latest']) {
  if (trial === undefined) return null;
  const { index, role, origin, accuracy, feasible, cost, seconds, error } = trial;
  return { index, role, origin, accuracy, feasible, cost, seconds, error };
}
