import type { SearchProgress } from '@bitwright/core';
import cliProgress from 'cli-progress';
import pc from 'picocolors';
import type { ProgressView } from '../search/progress-view.js';
import type { Output } from '../surroundings.js';
import { bestText, etaText, phaseText } from './progress-text.js';

/** What matters most first: a narrow terminal cuts off the end. */
const FORMAT = '{bar} {value}/{total}  {phase}  {eta_text}  {best}';
const TICK_MS = 1_000;

/** One line that is drawn anew: bar, phase, best policy so far, and an ETA that counts down between updates. */
export function createProgressBar(stderr: Output, now: () => number = Date.now): ProgressView {
  const bar = new cliProgress.SingleBar({
    ...{ format: FORMAT, barsize: 18, barCompleteChar: '█', barIncompleteChar: '░', fps: 10 },
    ...{
      stream: stderr as NodeJS.WritableStream,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      gracefulExit: false,
    },
  });
  let last: SearchProgress | undefined;
  let heardAt = 0;
  const draw = () => {
    if (last === undefined) return;
    bar.setTotal(last.total);
    bar.update(last.done, payloadOf(last, (now() - heardAt) / 1000));
  };
  const timer = setInterval(draw, TICK_MS).unref();
  return {
    show: (progress) => {
      // Until the work is planned there is nothing to measure it by.
      if (progress.total === 0) return;
      if (last === undefined) bar.start(progress.total, progress.done, payloadOf(progress, 0));
      [last, heardAt] = [progress, now()];
      draw();
    },
    note: (text) => {
      if (last !== undefined) bar.stop();
      stderr.write(`${text}\n`);
      if (last !== undefined) bar.start(last.total, last.done, payloadOf(last, 0));
    },
    stop: () => {
      clearInterval(timer);
      if (last !== undefined) bar.stop();
    },
  };
}

function payloadOf(progress: SearchProgress, ageSeconds: number) {
  const { etaSeconds } = progress;
  const left = etaSeconds === undefined ? undefined : Math.max(0, etaSeconds - ageSeconds);
  return { phase: pc.cyan(phaseText(progress)), best: bestText(progress.best), eta_text: pc.bold(etaText(left)) };
}
