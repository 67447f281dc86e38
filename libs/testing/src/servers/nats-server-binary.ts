import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, type Environment } from '../cache-folder.js';

/**
 * The NATS server to test with: `BITWRIGHT_NATS_SERVER`, the one on the PATH, or the one that `npm run setup` put into
 * the cache. Throws, saying how to get one.
 */
export function findNatsServer(environment: Environment): string {
  const named = environment['BITWRIGHT_NATS_SERVER'];
  if (named !== undefined && named !== '') return named;
  const found = [...onPath(environment), ...inCache(environment)].find(isExecutable);
  if (found !== undefined) return found;
  throw new Error('there is no nats-server: run "npm run setup", or name its path in BITWRIGHT_NATS_SERVER');
}

function onPath(environment: Environment): readonly string[] {
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'nats-server'));
}

/** Newest first. */
function inCache(environment: Environment): readonly string[] {
  const folder = join(cacheFolder(environment), 'nats-server');
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  const newestFirst = versions.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return newestFirst.map((version) => join(folder, version, 'nats-server'));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
