import { execFile, execFileSync } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../free-port.js';
import { makeTemporaryFolder } from '../temporary-folder.js';
import { waitUntil } from '../wait-until.js';
import { findPostgres } from './postgres-binaries.js';
import { type ServerProcess, startServer } from './server-process.js';

const run = promisify(execFile);

/** A real PostgreSQL server on loopback with an empty cluster of its own. */
export type PostgresServer = AsyncDisposable & {
  /** Of the database `postgres`; user `bitwright`, no password. Stays the same. */
  readonly url: string;
  /** Ends the server; `SIGQUIT` (at once, as in a crash) unless told otherwise. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

/** Undefined when PostgreSQL is not installed: it is no requirement of the tests. */
export async function launchPostgres(
  // biome-ignore lint/style/noProcessEnv: tests have no configuration of their own
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<PostgresServer | undefined> {
  const binaries = findPostgres(environment);
  if (binaries === undefined) return undefined;
  const owner = findOwner();
  const folder = await makeTemporaryFolder('bitwright-postgres-');
  if (owner !== undefined) await chown(folder.path, owner.uid, owner.gid);
  const data = join(folder.path, 'data');
  const login = ['--username', 'bitwright', '--auth', 'trust', '--encoding', 'UTF8', '--no-locale', '--no-sync'];
  await run(join(binaries, 'initdb'), ['--pgdata', data, ...login], { cwd: folder.path, ...owner });

  const port = await findFreePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder.path}`,
    'fsync=off',
  ];
  let server: ServerProcess | undefined;
  const start = async () => {
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
    const starting = await startServer(join(binaries, 'postgres'), args, { cwd: folder.path, ...owner });
    server = starting;
    await waitUntil(
      'PostgreSQL to accept connections',
      () => {
        if (starting.hasEnded()) throw new Error(`PostgreSQL ended: ${starting.output()}`);
        return isReady(binaries, port);
      },
      30_000,
    );
  };
  const kill = async (signal: NodeJS.Signals = 'SIGQUIT') => server?.end(signal);
  const stop = async () => {
    await kill();
    await folder.remove();
  };

  await start();
  const url = `postgres://bitwright@127.0.0.1:${port}/postgres`;
  return { url, start, kill, stop, [Symbol.asyncDispose]: stop };
}

/** PostgreSQL refuses to run as root: another user owns its files and its process then. */
function findOwner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const ask = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: ask('-u'), gid: ask('-g') };
}

function isReady(binaries: string, port: number): Promise<boolean> {
  return run(join(binaries, 'pg_isready'), ['--host', '127.0.0.1', '--port', `${port}`]).then(
    () => true,
    () => false,
  );
}
