import { join, resolve } from 'node:path';

/** Where a search's files go: what `--out` says, else `bitwright-runs/<search id>`. */
export function outputFolder(out: string | undefined, searchId: string, folder: string): string {
  return out === undefined ? join(folder, 'bitwright-runs', searchId) : resolve(folder, out);
}
