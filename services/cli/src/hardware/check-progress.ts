import type { CheckProgress } from '@bitwright/client';
import type { Output } from '../surroundings.js';

export type CheckProgressView = { show(progress: CheckProgress): void; stop(): void };

/** How far the checks are: one line redrawn in a terminal, a line a check elsewhere, JSON lines for programs. */
export function createCheckProgress(stderr: Output, json: boolean): CheckProgressView {
  if (json) return { show: (progress) => void stderr.write(`${JSON.stringify(toJson(progress))}\n`), stop: () => {} };
  if (stderr.isTTY !== true) return { show: (progress) => void stderr.write(`${lineOf(progress)}\n`), stop: () => {} };
  const clip = (line: string) => line.slice(0, (stderr.columns ?? 80) - 1);
  return {
    show: (progress) => void stderr.write(`\r\x1b[K${clip(lineOf(progress))}`),
    stop: () => void stderr.write('\r\x1b[K'),
  };
}

function lineOf({ done, total, hardware, result }: CheckProgress): string {
  return `[${done}/${total}] ${hardware}  ${result.id}: ${result.status}`;
}

const toJson = ({ done, total, hardware, result }: CheckProgress) => ({
  ...{ done, total, hardware, check: result.id, status: result.status },
});
