import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that a test started and ends again. */
export type ServerProcess = {
  readonly pid: number;
  /** The last of what it printed, for messages. */
  output(): string;
  hasEnded(): boolean;
  /** Null while it runs, and when a signal ended it. */
  exitCode(): number | null;
  /** Sends the signal and waits until the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
};

export type ServerProcessOptions = SpawnOptions & {
  /** Characters of what it printed that are kept. @default 4000 */
  readonly keptOutput?: number;
};

/** Starts a program; it is killed when the test process exits first. */
export async function startServer(
  command: string,
  args: readonly string[],
  { keptOutput = 4_000, ...options }: ServerProcessOptions = {},
): Promise<ServerProcess> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child, 'spawn');
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const killWithParent = () => child.kill('SIGKILL');
  process.once('exit', killWithParent);
  const output = collectOutput(child, keptOutput);
  return {
    pid: child.pid as number,
    output,
    hasEnded: () => hasEnded(child),
    exitCode: () => child.exitCode,
    async end(signal) {
      process.removeListener('exit', killWithParent);
      if (!hasEnded(child)) child.kill(signal);
      await ended;
    },
  };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

function collectOutput(child: ChildProcess, kept: number): () => string {
  let text = '';
  const add = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-kept);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}
