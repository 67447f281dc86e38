import { connect } from 'node:net';
import { findFreePort } from '../free-port.js';
import { makeTemporaryFolder } from '../temporary-folder.js';
import { waitUntil } from '../wait-until.js';
import { findNatsServer } from './nats-server-binary.js';
import { type ServerProcess, startServer } from './server-process.js';

/** A real NATS server with JetStream on loopback, whose data outlive a restart. */
export type NatsServer = AsyncDisposable & {
  /** `nats://127.0.0.1:<port>`; stays the same. */
  readonly url: string;
  readonly port: number;
  /** Ends the process; `SIGKILL` unless told otherwise. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
};

export type NatsServerOptions = {
  /** A free one unless given. */
  readonly port?: number;
  /** `false` leaves it to `start`. */
  readonly started?: boolean;
  readonly user?: string;
  readonly password?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

/** Throws with a clear sentence when there is no nats-server on this machine. */
export async function launchNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  // biome-ignore lint/style/noProcessEnv: tests have no configuration of their own
  const binary = findNatsServer(options.environment ?? process.env);
  const port = options.port ?? (await findFreePort());
  const folder = await makeTemporaryFolder('bitwright-nats-');
  const login = options.user === undefined ? [] : ['--user', options.user, '--pass', options.password ?? ''];
  const args = ['--addr', '127.0.0.1', '--port', `${port}`, '--jetstream', '--store_dir', folder.path, ...login];
  let server: ServerProcess | undefined;

  const start = async () => {
    const starting = await startServer(binary, args);
    server = starting;
    await waitUntil(`nats-server to listen`, () => {
      if (starting.hasEnded()) throw new Error(`nats-server ended: ${starting.output()}`);
      return accepts(port);
    });
  };
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => server?.end(signal);
  const stop = async () => {
    await kill();
    await folder.remove();
  };

  if (options.started !== false) await start();
  return { url: `nats://127.0.0.1:${port}`, port, start, kill, stop, [Symbol.asyncDispose]: stop };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
