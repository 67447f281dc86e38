import type { SearchProgress } from '@bitwright/core';
import pc from 'picocolors';
import type { ProgressView } from '../search/progress-view.js';
import type { Output } from '../surroundings.js';
import { createEtaBar } from './eta-bar.js';
import { bestText, stageText } from './progress-text.js';

/** What matters most first: a narrow terminal cuts off the end. */
const FORMAT = '{bar} {value}/{total}  {phase}  {eta_text}  {best}';

/** One line that is drawn anew: bar, phase, best policy so far, and an ETA that counts down between updates. */
export function createProgressBar(stderr: Output, now: () => number = Date.now): ProgressView {
  return createEtaBar<SearchProgress>(
    stderr,
    FORMAT,
    (progress) => ({
      ...{ done: progress.done, total: progress.total, etaSeconds: progress.etaSeconds },
      texts: { phase: pc.cyan(stageText(progress)), best: bestText(progress) },
    }),
    now,
  );
}
