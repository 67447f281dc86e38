import type { CalibrationProgress } from '@bitwright/calibration';
import type { Output } from '../surroundings.js';
import { formatSeconds } from '../terminal/format.js';

export type FitProgressView = { show(progress: CalibrationProgress): void; stop(): void };

/** How far the fits are: one line redrawn in a terminal, a line a fit elsewhere, JSON lines for programs. */
export function createFitProgress(
  stderr: Output,
  json: boolean,
  now: () => number = () => performance.now(),
): FitProgressView {
  const startedAt = now();
  const lineOf = ({ done, total, metric }: CalibrationProgress) => {
    const left = (((now() - startedAt) / done) * (total - done)) / 1000;
    return `[${done}/${total}] fitting ${metric}, ${formatSeconds(left)} left`;
  };
  if (json) return { show: (progress) => void stderr.write(`${JSON.stringify(progress)}\n`), stop: () => {} };
  if (stderr.isTTY !== true) return { show: (progress) => void stderr.write(`${lineOf(progress)}\n`), stop: () => {} };
  return {
    show: (progress) => void stderr.write(`\r\x1b[K${lineOf(progress)}`),
    stop: () => void stderr.write('\r\x1b[K'),
  };
}
