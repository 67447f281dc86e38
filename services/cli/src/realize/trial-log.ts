import { closeSync, openSync, writeFileSync } from 'node:fs';
import { sha256Hex } from '@bitwright/core';
import { wrongFlag } from '../flags/flag.js';

/** A log that is written while its search runs. */
export type TrialLog = {
  /** Trials that it has. */
  count(): number;
  /** Takes lines of trials, in the file when this returns: what was reported outlives a kill. */
  add(lines: readonly string[]): void;
  close(): void;
};

/**
 * The file of `--log`, made anew at the first line. Lines that come again, as they do from a quantizer that began anew,
 * are in it once. `add` throws `invalid_argument` when it cannot be written.
 */
export function createTrialLog(path: string): TrialLog {
  const seen = new Set<string>();
  let file: number | undefined;
  const write = (line: string) => {
    const digest = sha256Hex(line);
    if (seen.has(digest)) return;
    file ??= openSync(path, 'w');
    writeFileSync(file, `${line}\n`);
    seen.add(digest);
  };
  return {
    count: () => seen.size,
    add: (lines) => {
      try {
        lines.forEach(write);
      } catch (error) {
        throw wrongFlag('log', `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
