import type { SearchProgress } from '@bitwright/core';
import type { ProgressView } from '../search/progress-view.js';
import type { Output } from '../surroundings.js';
import { bestText, etaText, phaseText, stageText, waitTexts } from './progress-text.js';

/** A line for each change of phase and each wait, and in between one every few seconds. */
export function createProgressLines(stderr: Output, intervalMs = 5_000, now: () => number = Date.now): ProgressView {
  let shownAt = Number.NEGATIVE_INFINITY;
  let shownPhase = '';
  return {
    show: (progress) => {
      const phase = phaseText(progress);
      if (phase === shownPhase && now() - shownAt < intervalMs) return;
      [shownAt, shownPhase] = [now(), phase];
      stderr.write(`${lineOf(progress)}\n`);
    },
    note: (text) => void stderr.write(`${text}\n`),
    stop: () => {},
  };
}

function lineOf(progress: SearchProgress): string {
  const { done, total, etaSeconds, state, best } = progress;
  const count = total === 0 ? [] : [`${done}/${total}`];
  const found = best === undefined && done === 0 ? [] : [bestText(progress)];
  const eta = state === 'running' && done > 0 ? [etaText(etaSeconds)] : [];
  return [stageText(progress), ...waitTexts(progress), ...count, ...found, ...eta].join('  ');
}
