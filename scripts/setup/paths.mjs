import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of this checkout. */
export const checkoutFolder = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** What set-up remembers about this checkout: stamps, logs and the lock. */
export const setupFolder = join(checkoutFolder, '.cache', 'setup');

/** Downloads that several checkouts share. The libraries follow the same rule: change both. */
export function getCacheFolder(environment = process.env) {
  if (environment.BITWRIGHT_CACHE) return resolve(environment.BITWRIGHT_CACHE);
  // The XDG specification says that a relative path is to be ignored.
  const shared = environment.XDG_CACHE_HOME;
  return join(shared?.startsWith('/') ? shared : join(homedir(), '.cache'), 'bitwright');
}

/** One folder a data set: `<data>/fashion-mnist/...`. */
export function getDataFolder(environment = process.env) {
  return environment.BITWRIGHT_DATA
    ? resolve(environment.BITWRIGHT_DATA)
    : join(getCacheFolder(environment), 'datasets');
}

/** The folder of an installed npm package, or where it would be. */
export function getPackageFolder(name) {
  return join(checkoutFolder, 'node_modules', name);
}
