import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, type Environment } from './cache-folder.js';

export type PythonPackages = {
  /** The interpreter that the packages were installed for. */
  readonly python: string;
  /** For `PYTHONPATH`. */
  readonly folder: string;
};

/**
 * gRPC for Python as `npm run setup -- --for-tests` installed it. Throws, saying how to get it. The rule for the
 * folder is that of scripts/setup/python-packages.mjs: change both.
 */
export function findPythonPackages(environment: Environment): PythonPackages {
  const named = environment['BITWRIGHT_PYTHON'] ?? '';
  const python = named === '' ? 'python3' : named;
  const tag = execFileSync(python, ['-c', 'import sys; print(sys.implementation.cache_tag)'], {
    encoding: 'utf8',
  }).trim();
  const all = join(cacheFolder(environment), 'python-packages');
  const fitting = (existsSync(all) ? readdirSync(all) : []).filter(
    (name) => /^grpcio-[^-]+-/.test(name) && name.endsWith(tag),
  );
  const newest = fitting.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))[0];
  if (newest !== undefined) return { python, folder: join(all, newest) };
  throw new Error(`there is no gRPC for ${python} (${tag}): run "npm run setup -- --for-tests"`);
}
