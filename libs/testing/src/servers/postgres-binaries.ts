import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGED = '/usr/lib/postgresql';

/**
 * The folder with PostgreSQL's programs: `BITWRIGHT_POSTGRES_BIN`, what `pg_config` says, or the newest that
 * a Linux distribution installed; undefined when there is none.
 */
export function findPostgres(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const candidates = [environment['BITWRIGHT_POSTGRES_BIN'], configured(), ...packaged()];
  return candidates.find((folder) => folder !== undefined && folder !== '' && isComplete(folder));
}

const isComplete = (folder: string) =>
  ['initdb', 'postgres', 'pg_isready'].every((name) => existsSync(join(folder, name)));

function configured(): string | undefined {
  try {
    return execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

function packaged(): readonly string[] {
  const versions = existsSync(PACKAGED) ? readdirSync(PACKAGED) : [];
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(PACKAGED, version, 'bin'));
}
