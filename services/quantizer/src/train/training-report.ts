import type { TrainingProgress } from '@bitwright/engine';

/** A text line about a running training: epoch, loss, steps per second and time left. */
export function describeProgress(
  { epoch, step, steps, loss }: TrainingProgress,
  epochs: number,
  elapsedMs: number,
): string {
  const perSecond = step / (elapsedMs / 1000);
  const left = formatSeconds((steps - step) / perSecond);
  const rate = `${perSecond.toFixed(1)} steps/s`;
  return `epoch ${epoch + 1}/${epochs}  step ${step}/${steps}  loss ${loss.toFixed(3)}  ${rate}  ${left} left`;
}

/** `1 h 02 min`, `3 min 20 s` or `12 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const two = (value: number) => String(value).padStart(2, '0');
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${two(whole % 60)} s` : `${whole} s`;
}

/**
 * Shows progress: on a terminal one line that is rewritten, elsewhere a line at most every 30 seconds and at the end
 * of each epoch.
 */
export function createProgressReporter(
  output: NodeJS.WriteStream,
  epochs: number,
): (progress: TrainingProgress) => void {
  const start = performance.now();
  let lastMs = start;
  return (progress) => {
    const now = performance.now();
    const isEpochEnd = progress.step % (progress.steps / epochs) === 0;
    if (!isEpochEnd && now - lastMs < (output.isTTY ? 200 : 30_000)) return;
    lastMs = now;
    const line = describeProgress(progress, epochs, now - start);
    output.write(output.isTTY && !isEpochEnd ? `\r${line}\x1b[K` : `${output.isTTY ? '\r' : ''}${line}\n`);
  };
}
