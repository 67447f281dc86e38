import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '../free-port.js';
import { waitUntil } from '../wait-until.js';
import { openHealthProbe } from './check-health.js';
import { type ServerProcess, startServer } from './server-process.js';

/** A service of ours as a process of its own. */
export type LaunchedService = AsyncDisposable & {
  /** `127.0.0.1:<port>`; stays the same over restarts. */
  readonly address: string;
  /** Of the process that runs now or ran last. */
  pid(): number;
  /** The last of what it logged, over all its lives. */
  output(): string;
  hasEnded(): boolean;
  /** Sends the signal, waits until the process is gone and gives its exit code; null when the signal ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts it again with the same settings, after an end if it still runs; resolves when it serves. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

export type ServiceOptions = {
  /** How long it may take until it serves, ms. @default 120 000 */
  readonly startMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
};

const KEPT_OUTPUT = 1_000_000;
const SHOWN_OUTPUT = 4_000;

/**
 * Starts `main` (the URL of a service's `main.ts`) with the flags and `--listen` on a free port of loopback; resolves
 * when `grpc.health.v1` says SERVING. Fails with the end of its log when it ends or takes too long.
 */
export async function launchService(
  main: URL,
  flags: readonly string[],
  { startMs = 120_000, environment = {} }: ServiceOptions = {},
): Promise<LaunchedService> {
  const address = `127.0.0.1:${await findFreePort()}`;
  let server: ServerProcess | undefined;
  let earlier = '';
  const output = () => (earlier + (server?.output() ?? '')).slice(-KEPT_OUTPUT);

  const start = async () => {
    // A test that is tried once more starts what its first try has started.
    await server?.end('SIGKILL');
    earlier = output();
    server = await startServer(process.execPath, [...commandOf(main), ...flags, '--listen', address], {
      // biome-ignore lint/style/noProcessEnv: the service gets the test's environment; it is passed on, not read
      env: { ...process.env, ...environment },
      keptOutput: KEPT_OUTPUT,
    });
    await untilServing(address, server, startMs);
  };
  const kill = async (signal: NodeJS.Signals) => {
    await server?.end(signal);
    return server?.exitCode() ?? null;
  };
  const stop = async () => void (await kill('SIGKILL'));

  await start();
  const hasEnded = () => server?.hasEnded() ?? true;
  return { address, pid: () => server?.pid ?? -1, output, hasEnded, kill, start, stop, [Symbol.asyncDispose]: stop };
}

/**
 * Arguments of node that run a service: its build where the environment says that there is one (`npm test` has just made
 * it; that is also what users run), else its sources, which take seconds longer to start.
 */
export function commandOf(main: URL): readonly string[] {
  const built = fileURLToPath(new URL('../dist/main.js', main));
  // biome-ignore lint/style/noProcessEnv: the test's environment, which has no main of ours
  if (process.env['BITWRIGHT_BUILT'] === '1' && existsSync(built)) return [built];
  return ['--conditions=@bitwright/source', '--import', 'tsx', fileURLToPath(main)];
}

async function untilServing(address: string, server: ServerProcess, startMs: number): Promise<void> {
  const probe = openHealthProbe(address);
  const isServing = async () => {
    if (server.hasEnded()) throw new Error('the service ended before it served');
    return (await probe.check()) === 'SERVING';
  };
  try {
    await waitUntil(`${address} to serve`, isServing, startMs);
  } catch (error) {
    const log = server.output().slice(-SHOWN_OUTPUT);
    await server.end('SIGKILL');
    throw new Error(`the service at ${address} did not start; the end of its log: ${log}`, { cause: error });
  } finally {
    probe.close();
  }
}
