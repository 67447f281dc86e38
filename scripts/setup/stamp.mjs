import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a step left behind when it finished, or undefined. A damaged stamp counts as none. */
export function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).key;
  } catch {
    return undefined;
  }
}

/** Written last, and at once: a step that was interrupted has no stamp. */
export function writeStamp(file, key) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.part`, JSON.stringify({ key }));
  renameSync(`${file}.part`, file);
}
