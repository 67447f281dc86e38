import type { WorkProgress } from '@bitwright/core';
import pc from 'picocolors';
import type { Output } from '../surroundings.js';
import { createEtaBar } from '../terminal/eta-bar.js';
import { etaText } from '../terminal/progress-text.js';

/** Shows how work goes on, on standard error: a bar, lines every few seconds, or JSON lines for programs. */
export type WorkProgressView = { show(progress: WorkProgress): void; stop(): void };

type Timed = WorkProgress & { readonly etaSeconds: number | undefined };

export function createWorkProgressView(stderr: Output, json: boolean, now: () => number = Date.now): WorkProgressView {
  const view = json ? jsonLines(stderr) : stderr.isTTY === true ? bar(stderr) : lines(stderr, now);
  const timed = withEta(now);
  return { show: (progress) => view.show(timed(progress)), stop: view.stop };
}

/** What is left of a phase, from how long it took so far. The same phase with less done is another one. */
function withEta(now: () => number): (progress: WorkProgress) => Timed {
  let [startedAt, startedDone] = [0, 0];
  let last: WorkProgress | undefined;
  return (progress) => {
    const isAnother = last === undefined || progress.phase !== last.phase || progress.done < last.done;
    if (isAnother) [startedAt, startedDone] = [now(), progress.done];
    last = progress;
    const done = progress.done - startedDone;
    const etaSeconds = done > 0 ? ((now() - startedAt) / 1000 / done) * (progress.total - progress.done) : undefined;
    return { ...progress, etaSeconds };
  };
}

type View = { show(progress: Timed): void; stop(): void };

const bar = (stderr: Output): View =>
  createEtaBar<Timed>(stderr, '{bar} {value}/{total}  {phase}  {eta_text}', (progress) => ({
    ...{ done: progress.done, total: progress.total, etaSeconds: progress.etaSeconds },
    texts: { phase: pc.cyan(progress.phase) },
  }));

const LINE_INTERVAL_MS = 5_000;

function lines(stderr: Output, now: () => number): View {
  let shownAt = Number.NEGATIVE_INFINITY;
  let phase: string | undefined;
  return {
    show: (progress) => {
      if (progress.phase === phase && now() - shownAt < LINE_INTERVAL_MS) return;
      [shownAt, phase] = [now(), progress.phase];
      const { done, total, etaSeconds } = progress;
      stderr.write(total === 0 ? `${phase}\n` : `${phase}  ${done}/${total}  ${etaText(etaSeconds)}\n`);
    },
    stop: () => {},
  };
}

const jsonLines = (stderr: Output): View => ({
  show: (progress) => void stderr.write(`${JSON.stringify({ progress })}\n`),
  stop: () => {},
});
