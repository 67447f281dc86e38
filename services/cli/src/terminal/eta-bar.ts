import cliProgress from 'cli-progress';
import pc from 'picocolors';
import type { Output } from '../surroundings.js';
import { etaText } from './progress-text.js';

/** What a bar needs to know of a progress. */
export type BarState = {
  readonly done: number;
  /** 0 until the work is planned: nothing is drawn then. */
  readonly total: number;
  readonly etaSeconds: number | undefined;
  /** What stands in the format's other braces. */
  readonly texts: Readonly<Record<string, string>>;
};

export type EtaBar<Progress> = {
  show(progress: Progress): void;
  /** A line of its own above the bar. */
  note(text: string): void;
  /** Takes the bar away; `show` may not be called after it. */
  stop(): void;
};

const TICK_MS = 1_000;

/** One line that is drawn anew, with an ETA (`{eta_text}` in the format) that counts down between updates. */
export function createEtaBar<Progress>(
  stderr: Output,
  format: string,
  stateOf: (progress: Progress) => BarState,
  now: () => number = Date.now,
): EtaBar<Progress> {
  const bar = new cliProgress.SingleBar({
    ...{ format, barsize: 18, barCompleteChar: '█', barIncompleteChar: '░', fps: 10 },
    ...{ stream: stderr as NodeJS.WritableStream, hideCursor: true, clearOnComplete: true, linewrap: false },
    gracefulExit: false,
  });
  let last: BarState | undefined;
  let heardAt = 0;
  const draw = () => {
    if (last === undefined) return;
    bar.setTotal(last.total);
    bar.update(last.done, payloadOf(last, (now() - heardAt) / 1000));
  };
  const timer = setInterval(draw, TICK_MS).unref();
  return {
    show: (progress) => {
      const state = stateOf(progress);
      if (state.total === 0) return;
      if (last === undefined) bar.start(state.total, state.done, payloadOf(state, 0));
      [last, heardAt] = [state, now()];
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

function payloadOf({ etaSeconds, texts }: BarState, ageSeconds: number) {
  const left = etaSeconds === undefined ? undefined : Math.max(0, etaSeconds - ageSeconds);
  return { ...texts, eta_text: pc.bold(etaText(left)) };
}
