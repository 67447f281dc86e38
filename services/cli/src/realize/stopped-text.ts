import type { RealizeFlags } from '../flags/realize-flags.js';

/** What is left of a realization that did not come to its end, and how to go on. */
export function stoppedText({ log, replay }: Pick<RealizeFlags, 'log' | 'replay'>, trials = 0): string {
  if (replay !== undefined) return 'Stopped; the same command replays the log again.';
  if (log === undefined) return 'Stopped; nothing is kept. With --log FILE the trials would be.';
  if (trials === 0) return 'Stopped before a trial was measured; nothing is kept.';
  const kept = trials === 1 ? '1 trial is' : `${trials} trials are`;
  return `Stopped; ${kept} in ${log}.\nRealize the best of them: the same command with --replay ${log}`;
}
