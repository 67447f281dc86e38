import { type ChildProcess, fork } from 'node:child_process';
import { BitwrightError, cancelledError, type WorkOptions } from '@bitwright/core';
import { type FromWorker, fromErrorMessage, type ToWorker } from './messages.js';

/** How a child is started. */
export type WorkerStart = {
  /** URL of its module, TypeScript source or built. */
  readonly entry: URL;
  /** Variables that it has besides, or instead of, those of its parent. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Command that starts Node, for example `taskset -c 1`; Node alone without. */
  readonly launcher?: readonly string[] | undefined;
};

/**
 * What a child has unless its parent says otherwise. ONNX Runtime would tell its maker's servers of every session, and keep
 * files about it in the home and temporary folders: set it to 0 to let it.
 */
const DEFAULT_ENVIRONMENT = { ORT_DISABLE_TELEMETRY: '1' };

/** How long a child may take to give up a cancelled job before it is killed, ms. */
const CANCEL_GRACE_MS = 800;
const KEPT_OUTPUT = 4096;

export type WorkerProcess<Job, Result> = {
  readonly pid: number | undefined;
  readonly isAlive: () => boolean;
  /** One job at a time. Throws `unavailable` `WORKER_DIED` when the process ends first. */
  run(job: Job, options: WorkOptions): Promise<Result>;
  kill(): void;
};

type Running<Result> = {
  readonly id: number;
  readonly onProgress: WorkOptions['onProgress'];
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
};

/** Starts a child that runs jobs. */
export function startWorker<Job, Result>(start: WorkerStart): WorkerProcess<Job, Result> {
  const child = forkModule(start);
  let lastOutput = '';
  let running: Running<Result> | undefined;
  let nextId = 0;
  let alive = true;

  const finish = (settle: (job: Running<Result>) => void) => {
    const job = running;
    running = undefined;
    if (job !== undefined) settle(job);
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    lastOutput = (lastOutput + chunk.toString()).slice(-KEPT_OUTPUT);
  });
  child.on('message', (message: FromWorker<Result>) => {
    if (message.id !== running?.id) return;
    if (message.kind === 'progress') return running.onProgress?.(message.progress);
    finish(({ resolve, reject }) =>
      message.kind === 'result' ? resolve(message.result) : reject(fromErrorMessage(message.error)),
    );
  });
  const onEnd = (how: string) => {
    alive = false;
    finish(({ reject }) => reject(workerDied(how, lastOutput)));
  };
  child.on('exit', (code, signal) => onEnd(signal === null ? `exit code ${code}` : signal));
  child.on('error', (error) => onEnd(error.message));

  const run = (job: Job, { signal, onProgress }: WorkOptions) =>
    new Promise<Result>((resolve, reject) => {
      const id = nextId++;
      running = { id, onProgress, resolve, reject };
      const stop = onAbort(signal, () => giveUp(child, id));
      const settled = (settle: () => void) => {
        stop();
        if (signal?.aborted === true) reject(cancelledError());
        else settle();
      };
      running = {
        id,
        onProgress,
        resolve: (result) => settled(() => resolve(result)),
        reject: (error) => settled(() => reject(error)),
      };
      send(child, { kind: 'run', id, job } satisfies ToWorker<Job>);
    });
  return { pid: child.pid, isAlive: () => alive, run, kill: () => void child.kill('SIGKILL') };
}

/** Asks first, kills if there is no answer in time; gives what calls it off. */
function giveUp(child: ChildProcess, id: number): () => void {
  send(child, { kind: 'cancel', id });
  const timer = setTimeout(() => child.kill('SIGKILL'), CANCEL_GRACE_MS);
  return () => clearTimeout(timer);
}

function onAbort(signal: AbortSignal | undefined, begin: () => () => void): () => void {
  let end = () => {};
  const listener = () => {
    end = begin();
  };
  if (signal?.aborted === true) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return () => {
    signal?.removeEventListener('abort', listener);
    end();
  };
}

/** A child that is gone says so by its exit event; a failed send adds nothing. */
function send(child: ChildProcess, message: object): void {
  if (child.connected) child.send(message, () => {});
}

function forkModule({ entry, environment = {}, launcher = [] }: WorkerStart): ChildProcess {
  const fromSources = entry.pathname.endsWith('.ts');
  const sources = fromSources ? ['--conditions=@bitwright/source', '--import', import.meta.resolve('tsx')] : [];
  const [execPath = process.execPath, ...options] = launcher;
  const execArgv = launcher.length === 0 ? sources : [...options, process.execPath, ...sources];
  return fork(entry, [], {
    execPath,
    execArgv,
    // biome-ignore lint/style/noProcessEnv: a child gets its parent's environment; it is passed on, not interpreted.
    env: { ...DEFAULT_ENVIRONMENT, ...process.env, ...environment },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

function workerDied(how: string, output: string): BitwrightError {
  return new BitwrightError('unavailable', 'WORKER_DIED', `a worker process died (${how})`, { cause: output });
}
