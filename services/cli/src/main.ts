import process from 'node:process';
import { EXIT_CODES } from './exit-codes.js';
import { runCli } from './run-cli.js';

/** npm and npx pass a Ctrl-C on that the terminal has sent to the whole group: what comes this soon is the same one. */
const ECHO_MS = 1_000;

/** The first Ctrl-C lets the command end what it does; the second ends the process. */
function listenForInterrupts(): AbortSignal {
  const interrupted = new AbortController();
  let firstAt = 0;
  const onSignal = () => {
    if (interrupted.signal.aborted && Date.now() - firstAt > ECHO_MS) process.exit(EXIT_CODES.cancelled);
    if (interrupted.signal.aborted) return;
    firstAt = Date.now();
    interrupted.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  return interrupted.signal;
}

// A reader that has gone, as in `bitwright list | head -1`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT_CODES.ok : EXIT_CODES.failed),
);

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  folder: process.cwd(),
  interrupted: listenForInterrupts,
  process,
});
// Nothing should be left open by now; what is must not keep the shell waiting.
setTimeout(() => process.exit(), 2_000).unref();
