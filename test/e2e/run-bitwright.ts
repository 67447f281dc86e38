import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childPids } from '@bitwright/testing';

const BIN = fileURLToPath(new URL('../../services/cli/bin/bitwright.mjs', import.meta.url));
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** A command line that runs or has run. */
export type RunningCommand = {
  readonly process: ChildProcess;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<CommandEnd>;
};

export type CommandEnd = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Starts the real program (what `npm test` has built, else the sources), with its database and files in `home`. */
export function startBitwright(home: string, argv: readonly string[]): RunningCommand {
  const env = {
    ...process.env,
    BITWRIGHT_FROM_SOURCE: process.env['BITWRIGHT_BUILT'] === '1' ? '0' : '1',
    BITWRIGHT_HOME: home,
    BITWRIGHT_WORKERS: '1',
    NO_COLOR: '1',
  };
  const child = spawn(process.execPath, [BIN, ...argv], { cwd: CHECKOUT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const ended = new Promise<CommandEnd>((resolve) => child.on('close', (code) => resolve({ code, ...written })));
  return { process: child, stdout: () => written.stdout, stderr: () => written.stderr, ended };
}

/** Ends a command as a power cut does; sources run in a child of theirs. */
export async function killBitwright({ process: command, ended }: RunningCommand): Promise<void> {
  const pid = command.pid as number;
  for (const each of [...(await childPids(pid, /main\.ts/)), pid]) process.kill(each, 'SIGKILL');
  await ended;
}

/** Runs a command line to its end. */
export function runBitwright(home: string, ...argv: string[]): Promise<CommandEnd> {
  return startBitwright(home, argv).ended;
}
