import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';

/** How a command ended. `stderr` is the end of what it wrote there. */
export type CommandEnd = {
  readonly end: 'exit' | 'timeout' | 'cancelled' | 'too-long';
  /** Undefined when a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
};

export type CommandOptions = {
  readonly input: string;
  /** Added to the command, each as one word. */
  readonly words: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

/** More than any answer needs. */
const MOST_OUTPUT_CHARACTERS = 1_048_576;
const STDERR_TAIL_CHARACTERS = 2_000;

/** Between asking the command's processes to end and ending them. */
const GRACE_MS = 1_000;

/**
 * Runs a command line by the shell, as a process group of its own: at a timeout, a cancellation, or when the command has
 * ended and left something running, the whole group is ended. Rejects only when the shell cannot be started.
 */
export function runCommand(command: string, options: CommandOptions): Promise<CommandEnd> {
  const { input, words, timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    // "$@" hands the words on as they are, whatever is in them.
    const script = words.length === 0 ? command : `${command} "$@"`;
    const child = spawn('sh', ['-c', script, 'sh', ...words], { detached: true, stdio: 'pipe' });
    const output = collectOutput(child, () => stop('too-long'));
    let end: CommandEnd['end'] = 'exit';
    let force: NodeJS.Timeout | undefined;
    const stop = (why: CommandEnd['end']) => {
      if (end !== 'exit') return;
      end = why;
      killGroup(child, 'SIGTERM');
      force = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS);
    };
    const onAbort = () => stop('cancelled');
    const onProcessExit = () => killGroup(child, 'SIGKILL');
    const timer = setTimeout(() => stop('timeout'), timeoutMs);
    const release = () => {
      clearTimeout(timer);
      clearTimeout(force);
      signal?.removeEventListener('abort', onAbort);
      process.off('exit', onProcessExit);
    };
    child.on('error', (error) => {
      release();
      reject(error);
    });
    child.on('exit', () => killGroup(child, 'SIGKILL'));
    child.on('close', (code) => {
      release();
      resolve({ end, code: code ?? undefined, ...output });
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    process.on('exit', onProcessExit);
    if (signal?.aborted === true) onAbort();
    // A command that does not read its input closes it.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

function collectOutput(child: ChildProcess, onTooLong: () => void): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (output.stdout.length + text.length > MOST_OUTPUT_CHARACTERS) onTooLong();
    else output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr = (output.stderr + text).slice(-STDERR_TAIL_CHARACTERS);
  });
  return output;
}

/** A negative id is the group's. What has ended already is no error. */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
