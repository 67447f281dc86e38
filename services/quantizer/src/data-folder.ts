import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from '@bitwright/service-kit';

/** Where set-up puts the data sets, by the same rule as `scripts/setup/paths.mjs`. */
export function defaultDataFolder({ BITWRIGHT_DATA, BITWRIGHT_CACHE, XDG_CACHE_HOME }: Environment): string {
  if (BITWRIGHT_DATA) return resolve(BITWRIGHT_DATA);
  const shared = XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(BITWRIGHT_CACHE ? resolve(BITWRIGHT_CACHE) : join(shared, 'bitwright'), 'datasets');
}
