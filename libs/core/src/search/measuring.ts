import type { WorkProgress } from '../ports/quantizer.js';
import type { MeasuringProgress } from './search.js';

/** The measurement of one search's layers: where it stands, and the seconds that it took, in earlier runs, too. */
export type Measuring = { readonly progress: MeasuringProgress | undefined; readonly seconds: number };

export const NOT_MEASURING: Measuring = { progress: undefined, seconds: 0 };

/**
 * Adds to progress what is left of its phase, by the speed since the phase was first heard of: what was known before
 * counts as done then, and took no time.
 */
export function createPhaseEta(now: () => number): (progress: WorkProgress) => MeasuringProgress {
  let first = { phase: '', done: 0, at: 0 };
  return ({ phase, done, total }) => {
    if (phase !== first.phase) first = { phase, done, at: now() };
    const measured = done - first.done;
    const secondsEach = measured > 0 ? (now() - first.at) / 1000 / measured : undefined;
    return { phase, done, total, etaSeconds: secondsEach && secondsEach * Math.max(0, total - done) };
  };
}
