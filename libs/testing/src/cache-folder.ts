import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Downloads that several checkouts share. The rule is that of scripts/setup/paths.mjs: change both. */
export function cacheFolder(environment: Environment): string {
  const named = environment['BITWRIGHT_CACHE'];
  if (named !== undefined && named !== '') return resolve(named);
  const shared = environment['XDG_CACHE_HOME'];
  return join(shared?.startsWith('/') === true ? shared : join(homedir(), '.cache'), 'bitwright');
}
